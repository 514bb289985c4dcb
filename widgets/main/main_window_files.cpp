#include "widgets/main/main_window.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/session/image_files.h"
#include "widgets/forms/experiment_editor.h"
#include "widgets/main/action_registry.h"
#include "widgets/main/dock_frame.h"
#include "widgets/panels/run_list.h"
#include "widgets/panels/samples_panel.h"

#include <QAction>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QImageReader>
#include <QMimeData>
#include <QSettings>
#include <QUrl>

#include <algorithm>

namespace stair {

namespace fs = std::filesystem;

namespace {

constexpr const char* recentKey = "recent";
constexpr int recentCount = 8;
constexpr QLatin1String filesSource("files"); // of what report() says

bool holdsRun(const fs::path& folder)
{
    std::error_code none;
    return fs::exists(folder / "spec.json", none) && fs::exists(folder / "meta.json", none);
}

QString textOf(const fs::path& path)
{
    return QString::fromStdString(path.string());
}

} // namespace

void MainWindow::createFileActions(const std::vector<ExperimentSpec>& presets)
{
    if (m_quantized) {
        m_actions->add({"preset.default", tr("Default"), "File/New experiment", QKeySequence::New,
                        tr("Fills the form with the default experiment")},
                       [this] { loadDefault(); });
        for (const ExperimentSpec& preset : presets) {
            const QString name = QString::fromStdString(preset.name);
            m_actions->add({"preset." + name,
                            name,
                            "File/New experiment",
                            {},
                            tr("Fills the form with the preset %1").arg(name)},
                           [this, preset, name] {
                               m_editor->load(preset, tr("loading of %1").arg(name));
                               m_frame->showDock("form");
                           });
        }
    }
    m_actions->add({"file.open", tr("Open run…"), "File", QKeySequence::Open,
                    tr("Lists and shows a run from any folder")},
                   [this] { browseForRun(); });
    m_actions->add({"file.openSpec", tr("Open spec…"), "File", Qt::CTRL | Qt::SHIFT | Qt::Key_O,
                    tr("Fills the form with the spec in a file")},
                   [this] { browseForSpec(); });
    m_actions->add({"file.openImage",
                    tr("Open image…"),
                    "File",
                    {},
                    tr("Classifies a picture file with the selected run's model")},
                   [this] { browseForPicture(); });
    for (int i = 1; i <= recentCount; ++i) {
        const QString id = QStringLiteral("recent.%1").arg(i);
        QAction* action = m_actions->add({id, tr("Recent %1").arg(i), "File/Recent"}, [this, id] {
            openPaths({m_actions->find(id)->data().toString().toStdString()});
        });
        action->setVisible(false);
    }
    m_actions->add({"file.saveSpec", tr("Save spec as…"), "File", QKeySequence::Save,
                    tr("Writes the form as a spec that stair run takes"), 1},
                   [this] { saveSpec(); });
    m_actions->add({"file.quit", tr("Quit"), "File", Qt::CTRL | Qt::Key_Q, {}, 9},
                   [this] { close(); });
    showRecent();
}

/// A dialog that does not block; `take` gets what was chosen. It is set up before it opens: the
/// system's own dialogs look at their settings once.
QFileDialog* MainWindow::pick(const QString& title, const QString& filter,
                              std::function<void(const fs::path&)> take, Pick what,
                              const QString& suffix)
{
    auto* dialog = new QFileDialog(this, title, QSettings().value("lastFolder").toString(), filter);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(what == Pick::NewFile ? QFileDialog::AcceptSave
                                                : QFileDialog::AcceptOpen);
    dialog->setFileMode(what == Pick::File         ? QFileDialog::ExistingFile
                            : what == Pick::Folder ? QFileDialog::Directory
                                                   : QFileDialog::AnyFile);
    dialog->setDefaultSuffix(suffix);
    if (what == Pick::Folder) // a run's
        dialog->setDirectory(textOf(m_model.runsFolder()));
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, take = std::move(take)](const QString& path) {
                QSettings().setValue("lastFolder", QFileInfo(path).absolutePath());
                try {
                    take(path.toStdString());
                } catch (const std::exception& error) {
                    report(QString::fromUtf8(error.what()));
                }
            });
    dialog->open();
    return dialog;
}

void MainWindow::browseForRun()
{
    pick(
        tr("Open the folder of a run"), {}, [this](const fs::path& folder) { openRun(folder); },
        Pick::Folder);
}

void MainWindow::browseForSpec()
{
    pick(tr("Open a spec"), tr("Specs (*.json)"),
         [this](const fs::path& file) { report(takeSpec(file), filesSource); });
}

void MainWindow::browseForPicture()
{
    QStringList patterns;
    for (const QByteArray& format : QImageReader::supportedImageFormats())
        patterns += QStringLiteral("*.") + QString::fromLatin1(format);
    pick(tr("Open a picture to classify"), tr("Pictures (%1)").arg(patterns.join(QLatin1Char(' '))),
         [this](const fs::path& file) { openPicture(file); });
}

/// The selected run's model tells what is on it.
void MainWindow::openPicture(const fs::path& file)
{
    m_frame->showDock("samples");
    m_samples->openPicture(textOf(file));
}

void MainWindow::saveSpec()
{
    pick(
        tr("Save the spec"), tr("Specs (*.json)"),
        [this](const fs::path& file) {
            writeFileAtomically(file, m_editor->specs().back().toJson().dump(2) + "\n");
            noteRecent(file);
        },
        Pick::NewFile, QStringLiteral("json"));
}

void MainWindow::exportLayouts()
{
    pick(
        tr("Export layouts"), tr("Layouts (*.json)"),
        [this](const fs::path& file) {
            writeFileAtomically(file, m_frame->saveLayouts().dump(2) + "\n");
        },
        Pick::NewFile, QStringLiteral("json"));
}

void MainWindow::importLayouts()
{
    pick(tr("Import layouts"), tr("Layouts (*.json)"),
         [this](const fs::path& file) { m_frame->restoreLayouts(readJsonFile(file)); });
}

QString MainWindow::takeRuns(const std::vector<fs::path>& paths)
{
    std::vector<fs::path> folders;
    QStringList problems;
    for (const fs::path& path : paths) {
        std::error_code none;
        const fs::path folder = fs::is_regular_file(path, none) ? path.parent_path() : path;
        try {
            m_model.addFolder(folder);
            folders.push_back(folder);
            if (folder.parent_path() != m_model.runsFolder())
                noteRecent(folder);
        } catch (const std::exception& error) {
            problems += QString::fromUtf8(error.what());
        }
    }
    m_list->select(folders);
    return problems.join(QLatin1Char('\n'));
}

QString MainWindow::takeSpec(const fs::path& file)
{
    try {
        m_editor->load(ExperimentSpec::readFile(file),
                       tr("loading of %1").arg(textOf(file.filename())));
        m_frame->showDock("form");
        noteRecent(file);
        return {};
    } catch (const std::exception& error) {
        return QString::fromUtf8(error.what());
    }
}

void MainWindow::openRuns(const std::vector<fs::path>& paths)
{
    report(takeRuns(paths), filesSource);
}

void MainWindow::openPaths(const std::vector<fs::path>& paths)
{
    std::vector<fs::path> runs;
    QStringList problems;
    for (const fs::path& path : paths) {
        std::error_code none;
        const bool isFile = fs::is_regular_file(path, none);
        if (isFile && !holdsRun(path.parent_path()) && path.extension() == ".json")
            problems += takeSpec(path);
        else if (isFile && isPictureFile(path))
            openPicture(path);
        else
            runs.push_back(path);
    }
    if (!runs.empty())
        problems += takeRuns(runs);
    problems.removeAll(QString());
    report(problems.join(QLatin1Char('\n')), filesSource);
}

void MainWindow::noteRecent(const fs::path& path)
{
    QStringList recent = QSettings().value(QLatin1String(recentKey)).toStringList();
    const QString own = textOf(fs::absolute(path).lexically_normal());
    recent.removeAll(own);
    recent.prepend(own);
    QSettings().setValue(QLatin1String(recentKey), recent.mid(0, recentCount));
    showRecent();
}

void MainWindow::showRecent()
{
    const QStringList recent = QSettings().value(QLatin1String(recentKey)).toStringList();
    for (int i = 0; i < recentCount; ++i) {
        QAction* action = m_actions->find(QStringLiteral("recent.%1").arg(i + 1));
        action->setVisible(i < recent.size());
        if (i >= recent.size())
            continue;
        const fs::path path = recent[i].toStdString();
        action->setText(
            tr("%1 in %2").arg(textOf(path.filename()), textOf(path.parent_path().filename())));
        m_actions->setTip(action, recent[i]);
        action->setData(recent[i]);
    }
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    std::vector<fs::path> paths;
    for (const QUrl& url : event->mimeData()->urls()) {
        if (url.isLocalFile())
            paths.push_back(url.toLocalFile().toStdString());
    }
    openPaths(paths);
    event->acceptProposedAction();
}

} // namespace stair
