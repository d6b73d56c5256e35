TABLE = [1, 2, 3]


def never() -> None:
    print(TABLE)
