#pragma once

#include "core/data/dataset.h"
#include "core/nn/graph.h"
#include "core/train/experiment_spec.h"

#include <QFutureWatcher>
#include <QObject>

#include <memory>
#include <optional>

namespace stair {

/// Whether both name the same images, however they are fed.
bool isSameSet(const DataSpec& a, const DataSpec& b);

/// Opens the data set that an experiment names, in the background, and keeps the latest: the window's
/// panels look at its size, classes and images. Main thread.
class DataDesk : public QObject
{
    Q_OBJECT

public:
    /// `neighbour`: another desk, whose set is taken where both are asked for the same one. It outlives
    /// this desk.
    explicit DataDesk(QObject* parent = nullptr, const DataDesk* neighbour = nullptr);
    ~DataDesk() override; // waits for a set that is being opened

    /// Opens it unless it is the latest asked for. A later request replaces one that waits.
    void request(const DataSpec& spec);

    /// Opens the set once more that could not be opened; else does nothing. Where the neighbour's is
    /// taken, that is the neighbour's matter.
    void retry();

    /// What was asked for last, once it is there; null while it is opened or when that failed.
    std::shared_ptr<const Dataset> data() const { return m_data; }
    const QString& problem() const { return m_problem; }

    /// One training image as the network sees it; none without data, or for a crop that does not fit.
    std::optional<Shape> imageShape(const Augmentation& augment) const;

signals:
    void changed(); // data() or problem() is another

private:
    struct Opened
    {
        std::shared_ptr<const Dataset> data;
        QString problem;
    };

    void open();
    void take();
    void borrow();

    const DataDesk* m_neighbour;
    bool m_borrows = false; // the set is the neighbour's
    std::optional<DataSpec> m_wanted;
    std::optional<DataSpec> m_waiting; // asked for while another is being opened
    QFutureWatcher<Opened> m_opening;
    std::shared_ptr<const Dataset> m_data;
    QString m_problem;
};

} // namespace stair
