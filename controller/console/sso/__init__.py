"""A second factor and the authority's own accounts, by django-allauth: only where ``[console.sso]`` is set.

Never here: accounts, roles and passwords, which stay in ``console.accounts``.
"""
