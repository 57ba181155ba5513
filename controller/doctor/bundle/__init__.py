"""The support bundle: what a branch is like, for somebody elsewhere who helps, without a word about anybody.

Everything in it is on a list of what may be (``settings_shown``, ``events_shown``, ``machine_shown``); what
is found goes through ``hiding``, and every line through ``guard``. No log goes in: nobody can know what a log
holds. Never here: sending it anywhere.
"""
