# -*- coding: latin-1 -*-
TEXT = "café"


def price():
    return "£3"
