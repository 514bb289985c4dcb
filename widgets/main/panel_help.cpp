#include "widgets/main/panel_help.h"

#include "core/base/assert.h"

#include <QCoreApplication>
#include <QWidget>

namespace stair {

namespace {

struct HelpRow
{
    const char* dock;
    const char* control; // an object's name; empty: the panel itself
    const char* title;
    const char* text;
};

// To explain another control: a line here.
const HelpRow rows[] = {
    {"runs", "", QT_TRANSLATE_NOOP("PanelHelp", "Runs"),
     QT_TRANSLATE_NOOP("PanelHelp",
                       "Every run of this workspace, with its state, its best accuracy on the test "
                       "images and the course of it. What is selected here is shown in all panels; "
                       "Ctrl+click adds a run, F2 renames it, Delete moves it to the trash.")},
    {"runs", "runFilter", QT_TRANSLATE_NOOP("PanelHelp", "Filter"),
     QT_TRANSLATE_NOOP("PanelHelp",
                       "Shows the runs that have all these words in their name, tags, notes, "
                       "method, network, data set or state.")},
    {"form", "", QT_TRANSLATE_NOOP("PanelHelp", "Experiment"),
     QT_TRANSLATE_NOOP("PanelHelp",
                       "What Start training trains: data, network, quantization and training. "
                       "Each field explains itself: F1 in it, or its tool tip.")},
    {"curves", "", QT_TRANSLATE_NOOP("PanelHelp", "Curves"),
     QT_TRANSLATE_NOOP("PanelHelp",
                       "Two quantities of the selected runs over the training steps. A method "
                       "keeps its colour and dash; where two runs share a method, the colour is "
                       "the run's.")},
    {"curves", "smoothing", QT_TRANSLATE_NOOP("PanelHelp", "Smoothing"),
     QT_TRANSLATE_NOOP("PanelHelp",
                       "An exponential moving average over this many steps n, free of the bias at "
                       "the start: m = b m + (1 − b) y, shown as m / (1 − bᵗ), with b = "
                       "exp(−1 / n). The batches themselves are pale behind it.")},
    {"curves", "seedBand", QT_TRANSLATE_NOOP("PanelHelp", "Mean over seeds"),
     QT_TRANSLATE_NOOP("PanelHelp",
                       "Runs whose settings differ in the seed alone become their mean, with the "
                       "standard deviation of one run, or Student's 95 % interval of the mean.")},
    {"layers", "", QT_TRANSLATE_NOOP("PanelHelp", "Layers"),
     QT_TRANSLATE_NOOP("PanelHelp",
                       "The layers of the experiment in the form, with their widths: double click "
                       "or F2 changes one, and all selected rows follow. Under the table stands "
                       "what comes of it: size, bit-operations, and what is not proved.")},
    {"layers", "layerPattern", QT_TRANSLATE_NOOP("PanelHelp", "Name pattern"),
     QT_TRANSLATE_NOOP("PanelHelp",
                       "Sets the widths of all layers whose name matches: * stands for any text, ? "
                       "for one character. Of several entries the last that matches counts. Key in "
                       "specs: quant.layers")},
    {"lab", "", QT_TRANSLATE_NOOP("PanelHelp", "Rounding lab"),
     QT_TRANSLATE_NOOP("PanelHelp",
                       "What estimators do to a value: the forward rounding thick, the surrogate "
                       "that training differentiates dashed, its slope thin on the second axis. "
                       "Behind them lie the values of the chosen layer.")},
    {"lab", "methods", QT_TRANSLATE_NOOP("PanelHelp", "Methods"),
     QT_TRANSLATE_NOOP("PanelHelp",
                       "Ticked methods are drawn; the selected one's parameters are below. Flat: "
                       "the share of the layer's values where the slope is below 0.05, so that "
                       "their gradient is lost. SQNR: 10 log10(Σ x² / Σ (x − Q(x))²) over the "
                       "layer's histogram.")},
    {"histograms", "", QT_TRANSLATE_NOOP("PanelHelp", "Histograms"),
     QT_TRANSLATE_NOOP("PanelHelp",
                       "Weights, activations and gradients of the selected layer, as the worker "
                       "counted them while training: now, over the steps, and what is cut off, "
                       "zero, unused or flipped as curves.")},
    {"map", "", QT_TRANSLATE_NOOP("PanelHelp", "Layers × bits"),
     QT_TRANSLATE_NOOP("PanelHelp",
                       "The accuracy of the selected run when one layer alone has another width, "
                       "measured on its checkpoint. Chosen cells make a new run that trains on "
                       "from there.")},
    {"map", "mapSplit", QT_TRANSLATE_NOOP("PanelHelp", "Images"),
     QT_TRANSLATE_NOOP("PanelHelp",
                       "What the accuracies are measured on. Widths that are chosen on the test "
                       "images have seen them: validation images keep the test honest.")},
    {"compare", "", QT_TRANSLATE_NOOP("PanelHelp", "Comparison"),
     QT_TRANSLATE_NOOP("PanelHelp",
                       "Two of the selected runs side by side: settings that differ, and, once "
                       "Compare has run both models over the test images, how far their layers "
                       "are apart and which images they tell differently.")},
    {"compare", "compareLayers", QT_TRANSLATE_NOOP("PanelHelp", "Layers"),
     QT_TRANSLATE_NOOP("PanelHelp",
                       "SQNR: 10 log10(Σ a² / Σ (a − b)²) over all images, in real units. Cosine: "
                       "Σ a b / √(Σ a² Σ b²). Codes unlike: the share of the integer codes that "
                       "differ.")},
    {"chart", "", QT_TRANSLATE_NOOP("PanelHelp", "Network"),
     QT_TRANSLATE_NOOP("PanelHelp",
                       "The layers of the form's or the selected run's network and what they pass "
                       "to each other. The colour shows what is chosen above it; the box tells the "
                       "number.")},
    {"samples", "", QT_TRANSLATE_NOOP("PanelHelp", "Samples"),
     QT_TRANSLATE_NOOP("PanelHelp",
                       "The images of a data set. The selected run's shipped program, and what "
                       "stands beside it, classify the one that is chosen, or a picture file "
                       "dropped here; their feature maps and filters are on the other tabs.")},
    {"race", "", QT_TRANSLATE_NOOP("PanelHelp", "Race"),
     QT_TRANSLATE_NOOP("PanelHelp",
                       "One experiment trained with several methods, at the same widths, with the "
                       "same seeds and the same order of the data, a lane each.")},
    {"race", "raceBoard", QT_TRANSLATE_NOOP("PanelHelp", "Scoreboard"),
     QT_TRANSLATE_NOOP("PanelHelp",
                       "Accuracy on the test images by the shipped program, the mean over the "
                       "seeds; the spread is Student's 95 % interval of that mean, or one seed's "
                       "standard deviation. Enter selects a lane's runs in the list.")},
    {"export", "", QT_TRANSLATE_NOOP("PanelHelp", "Export"),
     QT_TRANSLATE_NOOP("PanelHelp",
                       "Writes the selected run's model in the ticked formats. What can be read "
                       "back is verified: its integers on the reference images are computed again "
                       "with the plain kernels and compared. A C file is not run: its tables and "
                       "steps are compared with the checksums at its head. A file in floats has no "
                       "integers to compare.")},
    {"export", "exportFormats", QT_TRANSLATE_NOOP("PanelHelp", "Export formats"),
     QT_TRANSLATE_NOOP("PanelHelp",
                       "Tick what is to be written. Smaller: bytes of the weights as 32-bit "
                       "floats, batch norm folded, over the bytes of the file.")},
    {"details", "", QT_TRANSLATE_NOOP("PanelHelp", "Run"),
     QT_TRANSLATE_NOOP("PanelHelp",
                       "Title, tags, notes and star of the selected run, kept in its meta.json, "
                       "and the facts about it.")},
};

QString htmlOf(const HelpRow& row)
{
    const auto words = [](const char* text) {
        return QCoreApplication::translate("PanelHelp", text).toHtmlEscaped();
    };
    return QStringLiteral("<p><b>%1</b></p><p>%2</p>").arg(words(row.title), words(row.text));
}

} // namespace

void explainPanel(const QString& dock, QWidget& panel)
{
    for (const HelpRow& row : rows) {
        if (dock != QLatin1String(row.dock))
            continue;
        const QLatin1String name(row.control);
        QWidget* control = name.isEmpty() ? &panel : panel.findChild<QWidget*>(name);
        require(control, "a help text names a control that is there");
        control->setWhatsThis(htmlOf(row));
    }
}

} // namespace stair
