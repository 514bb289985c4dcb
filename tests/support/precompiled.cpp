// Nothing: the headers that the tests share are compiled once, with this file.
