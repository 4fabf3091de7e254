"""Inventories as bills of materials, in the forms that others read; each form is a module, imported when asked for."""
