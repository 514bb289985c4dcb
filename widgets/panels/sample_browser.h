#pragma once

#include "widgets/models/sample_model.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QListView;
class QPushButton;

namespace stair {

/// The images of a data set as a grid of small pictures, by split and class.
class SampleBrowser : public QWidget
{
    Q_OBJECT

public:
    explicit SampleBrowser(QWidget* parent = nullptr);

    /// Null: `message` says why nothing is there, and whether it may be tried again. The same data
    /// again keep what is chosen.
    void setData(const std::shared_ptr<const Dataset>& data, int validation, std::uint64_t seed,
                 const QString& message = {}, bool canRetry = false);

    bool offersRetry() const;

    const SampleModel& model() const { return m_model; }

    /// The chosen image; an invalid index when there is none.
    QModelIndex current() const;

    /// "Test image 17: cat", or empty.
    QString currentText() const;

    /// Nothing is chosen any more.
    void clearCurrent();

signals:
    void sampleChosen(); // another image, or none
    void retryWanted();

private:
    void fillSplits();
    void fillClasses();
    void choose();
    void showZoom();

    SampleModel m_model;
    std::shared_ptr<const Dataset> m_data;
    int m_validation = 0;
    std::uint64_t m_seed = 0;
    QComboBox* m_split = nullptr;
    QComboBox* m_class = nullptr;
    QComboBox* m_zoom = nullptr;
    QListView* m_view = nullptr;
    QLabel* m_message = nullptr;
    QPushButton* m_retry = nullptr;
};

} // namespace stair
