#pragma once

#include "core/base/json.h"
#include "widgets/plot/tile_view.h"

#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace stair {

/// A tensor as small pictures: a feature map each channel, or a filter each pair of output and input.
/// What has one pixel a channel is laid out as one picture: of weights (outputs × inputs).
struct TileValues : Tiles // in real units
{
    std::vector<int> codes; // empty with floats
    double least = 0;
    double most = 0;
    QString unit; // "4-bit codes, step 0.031", "float"
    int inputs = 0; // of weights: tiles of one output
    int firstOutput = 0;
    bool isOne = false; // one picture for all

    /// "channel 3", "output 2, input 7".
    QString tileName(int tile) const;

    /// The same and the value, where something stands there.
    QString describe(int tile, int y, int x) const;
};

/// What a class is told with, by each side; negative: not among the likeliest.
struct ClassGuess
{
    int index = 0;
    QString name;
    double probability[2] = {-1, -1};
};

/// An answer of `stair inspect` as the window shows it.
struct Inspected
{
    QStringList sides; // what they are, with the step
    bool isProved = false; // the first side computes every layer in integers
    int label = -1; // of a sample
    std::vector<ClassGuess> classes; // by the first side's probability
    QStringList layers;
    QString layer; // empty: none was asked for, or there is none of that name
    QString layerProblem;
    int outputs = 0; // of the layer, told or not
    TileValues result[2];
    TileValues weights[2];
    std::optional<double> resultSqnr; // dB
    std::optional<double> weightSqnr;

    /// Throws Json::exception for what is no such answer.
    static Inspected from(const Json& answer);
};

/// a - b, where they fit; else empty.
TileValues differenceOf(const TileValues& a, const TileValues& b);

} // namespace stair
