#pragma once

#include "widgets/models/run_log.h"

#include <QObject>

#include <string>
#include <vector>

namespace stair {

/// What is being looked at, shared by all panels: the runs shown, and the layer chosen in any of
/// them. Selecting in one panel selects in every one.
class Selection : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// The runs are the model's and stay until another selection is set.
    void setRuns(std::vector<RunLog*> runs);
    const std::vector<RunLog*>& runs() const { return m_runs; }
    std::vector<const RunLog*> shown() const { return {m_runs.begin(), m_runs.end()}; }

    void setLayer(const QString& layer);
    const QString& layer() const { return m_layer; }

    /// The runs may have news: panels that can be seen draw it. A run that has just been started shows
    /// what it is only now: the panels take the runs anew.
    void tick();

signals:
    void runsChanged();
    void layerChanged(const QString& layer);
    void ticked();

private:
    std::vector<std::string> kinds() const;

    std::vector<RunLog*> m_runs;
    std::vector<std::string> m_kinds; // of the runs, as the panels know them
    QString m_layer;
};

/// Ties a panel to the selection: setRuns(runs), refresh() on each tick while it can be seen, and,
/// where the panel has them, layerSelected(QString) and selectLayer(QString). Returns the panel.
template<typename Panel>
Panel* follow(Panel* panel, Selection& selection)
{
    const auto take = [panel, &selection] {
        panel->setRuns(selection.shown());
    };
    QObject::connect(&selection, &Selection::runsChanged, panel, take);
    QObject::connect(&selection, &Selection::ticked, panel, [panel] {
        if (panel->isVisible())
            panel->refresh();
    });
    if constexpr (requires { &Panel::layerSelected; })
        QObject::connect(panel, &Panel::layerSelected, &selection, &Selection::setLayer);
    if constexpr (requires { panel->selectLayer(QString()); })
        QObject::connect(&selection, &Selection::layerChanged, panel,
                         [panel](const QString& layer) { panel->selectLayer(layer); });
    take();
    return panel;
}

} // namespace stair
