"""What the door asks the membership service, about cards and PINs, and how long it waits for an answer.

Never here: when it is worth asking, what is shown meanwhile, or what an answer opens. It knows nothing of the
door around it.
"""
