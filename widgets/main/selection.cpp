#include "widgets/main/selection.h"

namespace stair {

void Selection::setRuns(std::vector<RunLog*> runs)
{
    m_runs = std::move(runs);
    m_kinds = kinds();
    emit runsChanged();
}

std::vector<std::string> Selection::kinds() const
{
    std::vector<std::string> kinds;
    for (const RunLog* run : m_runs)
        kinds.push_back(run->identity().network + ' ' + run->identity().method);
    return kinds;
}

void Selection::tick()
{
    if (kinds() != m_kinds)
        setRuns(m_runs);
    emit ticked();
}

void Selection::setLayer(const QString& layer)
{
    if (layer == m_layer)
        return;
    m_layer = layer;
    emit layerChanged(layer);
}

} // namespace stair
