#include "widgets/models/data_desk.h"

#include "core/base/error.h"
#include "core/session/experiment.h"

#include <QtConcurrent>

namespace stair {

bool isSameSet(const DataSpec& a, const DataSpec& b)
{
    return a.id == b.id && a.path == b.path && a.params.toJson() == b.params.toJson();
}

DataDesk::DataDesk(QObject* parent, const DataDesk* neighbour)
    : QObject(parent)
    , m_neighbour(neighbour)
{
    if (neighbour)
        connect(neighbour, &DataDesk::changed, this, &DataDesk::borrow);
    connect(&m_opening, &QFutureWatcher<Opened>::finished, this, &DataDesk::take);
}

DataDesk::~DataDesk()
{
    m_opening.disconnect(this);
    m_opening.waitForFinished();
}

void DataDesk::request(const DataSpec& spec)
{
    if (m_waiting ? isSameSet(*m_waiting, spec) : m_wanted && isSameSet(*m_wanted, spec))
        return;
    m_waiting = spec;
    if (!m_opening.isRunning())
        open();
}

void DataDesk::retry()
{
    if (m_problem.isEmpty() || m_borrows || m_opening.isRunning())
        return;
    m_waiting = m_wanted;
    open();
}

void DataDesk::open()
{
    m_wanted = std::exchange(m_waiting, std::nullopt);
    m_data.reset();
    m_problem.clear();
    m_borrows
        = m_neighbour && m_neighbour->m_wanted && isSameSet(*m_neighbour->m_wanted, *m_wanted);
    if (m_borrows) {
        borrow();
        return;
    }
    emit changed();
    m_opening.setFuture(QtConcurrent::run([spec = *m_wanted]() -> Opened {
        try {
            return {std::make_shared<const Dataset>(openData(spec, {})), {}};
        } catch (const std::exception& error) {
            return {nullptr, QString::fromUtf8(error.what())};
        }
    }));
}

/// What the neighbour has; when it turns to another set before this one was there, opens it here.
void DataDesk::borrow()
{
    if (!m_borrows)
        return;
    if (isSameSet(*m_neighbour->m_wanted, *m_wanted)) {
        m_data = m_neighbour->m_data;
        m_problem = m_neighbour->m_problem;
        emit changed();
        return;
    }
    m_borrows = false;
    if (m_data)
        return;
    m_waiting = m_wanted;
    open();
}

void DataDesk::take()
{
    if (m_waiting) {
        open();
        return;
    }
    const Opened opened = m_opening.result();
    m_data = opened.data;
    m_problem = opened.problem;
    emit changed();
}

std::optional<Shape> DataDesk::imageShape(const Augmentation& augment) const
{
    if (!m_data)
        return {};
    try {
        const ImageSize size = outputSize(augment, m_data->train.height, m_data->train.width);
        return Shape{1, size.height, size.width, m_data->train.channels};
    } catch (const Error&) {
        return {};
    }
}

} // namespace stair
