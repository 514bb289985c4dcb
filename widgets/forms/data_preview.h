#pragma once

#include "widgets/models/class_table_model.h"
#include "widgets/models/sample_model.h"

#include <QWidget>

class QLabel;
class QPushButton;
class QTableView;

namespace stair {

class BarDelegate;
class SampleStrip;

/// What an experiment will learn from: the sizes of the splits, a strip of images, and how many
/// images of each class there are, as bars with their numbers.
class DataPreview : public QWidget
{
    Q_OBJECT

public:
    explicit DataPreview(QWidget* parent = nullptr);

    /// Null: `problem` says why nothing is there; empty: it is being opened. `canRetry`: opening it
    /// may go better another time.
    void showData(const std::shared_ptr<const Dataset>& data, int validation, std::uint64_t seed,
                  const QString& problem, bool canRetry = false);

signals:
    void retryWanted();

private:
    std::shared_ptr<const Dataset> m_data;
    int m_validation = -1;
    std::uint64_t m_seed = 0;
    SampleModel m_samples;
    ClassTableModel m_classes;
    QLabel* m_sizes = nullptr;
    QPushButton* m_retry = nullptr;
    SampleStrip* m_strip = nullptr;
    QTableView* m_table = nullptr;
    BarDelegate* m_bars = nullptr;
};

} // namespace stair
