#include "widgets/main/selection.h"

namespace stair {

void Selection::setRuns(std::vector<RunLog*> runs)
{
    m_runs = std::move(runs);
    emit runsChanged();
}

void Selection::setLayer(const QString& layer)
{
    if (layer == m_layer)
        return;
    m_layer = layer;
    emit layerChanged(layer);
}

} // namespace stair
