#pragma once

#include "core/train/experiment_spec.h"

#include <QWidget>

#include <optional>
#include <vector>

class QAction;
class QLabel;
class QLineEdit;

namespace stair {

class ChoiceForm;
class DataForm;
class FoldBox;
class NoticeStrip;
class ParamForm;
class QuantForm;
class TrainingForm;

/// The setup form: one experiment, or a pair when it is to be compared with float. Says what is
/// invalid as it is typed.
class ExperimentEditor : public QWidget
{
    Q_OBJECT

public:
    /// `start` becomes the button; its owner enables it by problem().
    explicit ExperimentEditor(QAction* start, QWidget* parent = nullptr);

    void load(const ExperimentSpec& spec);

    /// A quantized experiment with its own float counterpart, which is used as it is as long as the
    /// user changes nothing.
    void loadPair(const ExperimentSpec& quantized, const ExperimentSpec& reference);

    /// What is to be trained, the float counterpart first. Throws Error naming the invalid field.
    std::vector<ExperimentSpec> specs() const;

    /// Why specs() would throw; empty when all is valid.
    QString problem() const { return m_problem; }

    /// The form as it stands, to be restored at the next start; empty while it is invalid.
    Json saveState() const;
    void restoreState(const Json& state); // throws Error when it cannot be used

signals:
    void changed(); // problem() is up to date

private:
    QWidget* buildGroups();
    void onEdited();
    void validate();
    void showSummaries();
    ExperimentSpec spec() const;

    QLineEdit* m_name = nullptr;
    DataForm* m_data = nullptr;
    ChoiceForm* m_network = nullptr;
    QuantForm* m_quant = nullptr;
    TrainingForm* m_training = nullptr;
    ParamForm* m_advanced = nullptr;
    FoldBox* m_boxes[5] = {};
    NoticeStrip* m_notice = nullptr;
    std::optional<ExperimentSpec> m_reference; // given by loadPair, until something is edited
    QString m_problem;
};

} // namespace stair
