#include "widgets/forms/path_edit.h"

#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QToolButton>

namespace stair {

PathEdit::PathEdit(const QString& placeholder, QWidget* parent)
    : QWidget(parent)
    , m_edit(new QLineEdit)
{
    setAcceptDrops(true);
    m_edit->setObjectName(QStringLiteral("path"));
    m_edit->setPlaceholderText(placeholder);
    m_edit->setAccessibleName(tr("Path: %1").arg(placeholder));
    m_edit->setAcceptDrops(false); // ours: a dropped file is its path, not a URL
    auto* button = new QToolButton;
    button->setText(tr("Browse"));
    button->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(button);
    menu->addAction(tr("File…"), this, [this] { browse(false); });
    menu->addAction(tr("Folder…"), this, [this] { browse(true); });
    button->setMenu(menu);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_edit, 1);
    row->addWidget(button);
    connect(m_edit, &QLineEdit::textChanged, this, [this] {
        m_edit->setToolTip(m_edit->text());
        emit changed();
    });
}

QString PathEdit::path() const
{
    return m_edit->text().trimmed();
}

void PathEdit::setPath(const QString& path)
{
    if (path == this->path())
        return;
    const QSignalBlocker quiet(this);
    m_edit->setText(path);
}

void PathEdit::browse(bool folder)
{
    auto* dialog = new QFileDialog(this, folder ? tr("Choose a folder") : tr("Choose a file"),
                                   QFileInfo(path()).absolutePath());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(folder ? QFileDialog::Directory : QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, m_edit, &QLineEdit::setText);
    dialog->open();
}

void PathEdit::dragEnterEvent(QDragEnterEvent* event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    if (urls.size() == 1 && urls.front().isLocalFile())
        event->acceptProposedAction();
}

void PathEdit::dropEvent(QDropEvent* event)
{
    m_edit->setText(event->mimeData()->urls().front().toLocalFile());
    event->acceptProposedAction();
}

} // namespace stair
