SHELVES = 3


def refill(shelf: int) -> int:
    if shelf > SHELVES:
        # debug only
        raise LookupError(shelf)
    if __debug__:
        print("refill", shelf)
    while 1:
        return shelf
