#include "widgets/main/about_dialog.h"
#include "widgets/main/action_registry.h"
#include "widgets/main/bundle_dialog.h"
#include "widgets/main/field_help.h"
#include "widgets/main/guide.h"
#include "widgets/main/main_window.h"
#include "widgets/main/run_desk.h"
#include "widgets/main/selection.h"
#include "widgets/main/shortcut_editor.h"

#include <QApplication>
#include <QPushButton>
#include <QTextBrowser>
#include <QVBoxLayout>
#include <QWhatsThis>

namespace stair {

void MainWindow::createHelpActions()
{
    m_actions->add({"view.palette", tr("Find a command…"), "Help", Qt::CTRL | Qt::Key_K,
                    tr("All commands, layouts, presets and runs, found by some of their letters")},
                   [this] { openPalette(); });
    m_actions->add({"help.field", tr("What's this?"), "Help", Qt::Key_F1,
                    tr("Explains the field that has the focus: formula, range, source")},
                   [] {
                       if (!showFieldHelp(QApplication::focusWidget()))
                           QWhatsThis::enterWhatsThisMode();
                   });
    m_actions->add({"help.point", tr("Point at what to explain"), "Help", Qt::SHIFT | Qt::Key_F1,
                    tr("The next click explains what it hits")},
                   [] { QWhatsThis::enterWhatsThisMode(); });
    m_actions->add({"help.shortcuts", tr("Sheet of shortcuts"), "Help", Qt::CTRL | Qt::Key_Slash},
                   [this] { showShortcuts(); });
    m_actions->add({"help.guide",
                    tr("Guided first run"),
                    "Help",
                    {},
                    tr("Four steps from the default experiment to what its results mean"),
                    1},
                   [this] {
                       loadDefault();
                       m_guide->begin();
                   });
    m_actions->add({"help.bundle",
                    tr("Save diagnostic bundle…"),
                    "Help",
                    {},
                    tr("What a report of a fault needs in one file, without data and weights"),
                    2},
                   [this] { saveBundle(); });
    m_actions->add({"help.about",
                    tr("About Staircase"),
                    "Help",
                    {},
                    tr("Versions, CPU, and what each integer kernel computes on it"),
                    2},
                   [this] { about(); });
    m_guide->setActions(*m_actions);
}

void MainWindow::showShortcuts()
{
    auto* sheet = new QDialog(this);
    sheet->setObjectName(QStringLiteral("shortcutSheet"));
    sheet->setAttribute(Qt::WA_DeleteOnClose);
    sheet->setWindowTitle(tr("Sheet of shortcuts"));
    auto* text = new QTextBrowser;
    text->setAccessibleName(tr("Shortcuts"));
    text->setHtml(shortcutSheet(*m_actions));
    auto* edit = new QPushButton(tr("Edit shortcuts…"));
    connect(edit, &QPushButton::clicked, this, &MainWindow::editShortcuts);
    auto* layout = new QVBoxLayout(sheet);
    layout->addWidget(text, 1);
    layout->addWidget(edit, 0, Qt::AlignRight);
    sheet->resize(420, 560);
    sheet->show();
}

void MainWindow::saveBundle()
{
    saveWindow();
    m_writer.waitForDone(); // the bundle takes the file
    std::vector<std::filesystem::path> runs;
    for (const RunLog* run : m_selection->runs())
        runs.push_back(run->folder());
    auto* dialog = new BundleDialog(m_desk->program(), runs, sessionFile(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->show();
}

void MainWindow::about()
{
    auto* dialog = findChild<AboutDialog*>();
    if (!dialog) {
        dialog = new AboutDialog(m_desk->program(), this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
    }
    dialog->show();
    dialog->raise();
    dialog->activateWindow();
}

} // namespace stair
