#pragma once

#include "widgets/models/estimator.h"

#include <QWidget>

class QCheckBox;
class QComboBox;

namespace stair {

class SliderRow;

/// What all methods of the lab share: tensor, bits, step, clip, where in the run, the gradient's sign.
class LabControls : public QWidget
{
    Q_OBJECT

public:
    explicit LabControls(QWidget* parent = nullptr);

    /// All but the range of the curves and the tensor's reach.
    const LabScene& scene() const { return m_scene; }

    /// Not signalled.
    void setKind(QuantizerKind kind, bool isSigned);
    void setBits(int bits);
    void setStep(double step);
    void setCodeStepRatio(std::optional<double> ratio); // none: not known

    /// How many steps the greatest level of the selected method is; the clip is that many.
    void setClipSteps(double steps);
    double clip() const { return m_scene.step * m_clipSteps; }

    SliderRow* bitsRow() const { return m_bits; }
    SliderRow* stepRow() const { return m_step; }
    SliderRow* clipRow() const { return m_clip; }

signals:
    void changed();
    void kindChosen(); // changed() follows

private:
    void takeKind();
    void showKind();

    LabScene m_scene;
    double m_clipSteps = 1;
    QComboBox* m_kind = nullptr;
    SliderRow* m_bits = nullptr;
    SliderRow* m_step = nullptr;
    SliderRow* m_clip = nullptr;
    SliderRow* m_progress = nullptr;
    QComboBox* m_gradient = nullptr;
    QCheckBox* m_sharesStep = nullptr;
};

} // namespace stair
