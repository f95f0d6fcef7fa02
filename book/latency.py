def figures():
    return {}
