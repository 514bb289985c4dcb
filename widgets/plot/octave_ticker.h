#pragma once

#include <QSharedPointer>
#include <QString>

class QCPAxisTicker;

namespace stair {

/// Octaves are numbered from zero outward: 1 is [2^-30, 2^-29), the edges between them stand at halves
/// (0.5 is 2^-30), negative ones mirrored; the bin of exact zero lies between -0.5 and 0.5.
/// "2⁻¹⁰" for an edge.
QString octaveText(double edge);

/// Ticks at edges, named so.
QSharedPointer<QCPAxisTicker> octaveTicker();

} // namespace stair
