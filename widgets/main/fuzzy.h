#pragma once

#include <QString>

namespace stair {

/// How well `text` answers what was typed: all characters of `typed` must occur in it in this order,
/// upper and lower case being one, spaces left out. Words' beginnings and unbroken stretches count
/// more, as does a short text. Negative: they do not occur; greater is better.
int fuzzyScore(const QString& typed, const QString& text);

} // namespace stair
