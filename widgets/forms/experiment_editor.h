#pragma once

#include "core/data/dataset.h"
#include "core/train/experiment_spec.h"

#include <QWidget>

#include <memory>
#include <optional>
#include <vector>

class QAction;
class QLabel;
class QLineEdit;

namespace stair {

class ChoiceForm;
class DataForm;
class DataPreview;
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

    /// `what` names the edit for undo: "Load the preset X".
    void load(const ExperimentSpec& spec, const QString& what = {});

    /// A quantized experiment with its own float counterpart, which is used as it is as long as the
    /// user changes nothing.
    void loadPair(const ExperimentSpec& quantized, const ExperimentSpec& reference,
                  const QString& what = {});

    /// Another quantization of the same experiment: from the layer table, or the rounding lab.
    void setQuant(const QuantSpec& quant, const QString& what);

    /// What is to be trained, the float counterpart first. Throws Error naming the invalid field.
    std::vector<ExperimentSpec> specs() const;

    /// The set that the data group names, once it is open; null while it is not, and why. `canRetry`:
    /// the user is offered to have it opened once more.
    void showData(const std::shared_ptr<const Dataset>& data, const QString& problem,
                  bool canRetry = false);

    /// Why specs() would throw; empty when all is valid.
    QString problem() const { return m_problem; }

    /// Every field as it stands, also while invalid. setState() is no edit: edited() is not sent. It
    /// throws when the state is of another version of the program; the form is then as before.
    Json state() const;
    void setState(const Json& state);

signals:
    void changed(); // problem() is up to date
    void dataRetryWanted();

    /// The form's states around an edit. `what` is empty where a field was edited.
    void edited(const Json& before, const Json& after, const QString& what);

private:
    QWidget* buildGroups();
    void onEdited();
    void fill(const ExperimentSpec& spec);
    void putState(const Json& state);
    void settle(const QString& what);
    void validate();
    void showSummaries();
    ExperimentSpec spec() const;

    QLineEdit* m_name = nullptr;
    DataForm* m_data = nullptr;
    DataPreview* m_preview = nullptr;
    ChoiceForm* m_network = nullptr;
    QuantForm* m_quant = nullptr;
    TrainingForm* m_training = nullptr;
    ParamForm* m_advanced = nullptr;
    FoldBox* m_boxes[5] = {};
    NoticeStrip* m_notice = nullptr;
    std::optional<ExperimentSpec> m_reference; // given by loadPair, until something is edited
    QString m_problem;
    Json m_state; // as of the last edit
};

} // namespace stair
