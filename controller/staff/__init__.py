"""What staff do, whoever asks for it: a command line or the console.

Here: who may, what is done and journalled, and why not, in sentences for people (``refusal.Refused``). Never
here: options, forms, printing, pages.
"""
