#pragma once

#include "tests/widgets/support/window_test.h"
#include "widgets/main/main_window.h"

#include <QAbstractButton>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMessageBox>
#include <QTimer>

#include <memory>

namespace stair {

/// A window over a workspace of its own, driven as a user would.
class WindowFixture
{
public:
    explicit WindowFixture(const QString& worker)
        : m_worker(worker)
    {
    }

    std::filesystem::path runs() const { return pathOf(m_home.path()) / "runs"; }

    MainWindow& open(std::optional<ExperimentSpec> quantized,
                     std::optional<ExperimentSpec> reference = std::nullopt)
    {
        window = std::make_unique<MainWindow>(
            WindowSetup{LocalLauncher(m_worker), runs(), quantized, reference});
        window->show();
        if (!QTest::qWaitForWindowExposed(window.get()))
            qFatal("the window does not show");
        QApplication::setActiveWindow(window.get()); // an X server may have no window manager
        return *window;
    }

    QAbstractButton* button(const char* name) const
    {
        return window->findChild<QAbstractButton*>(QLatin1String(name));
    }

    void click(const char* name) const { QTest::mouseClick(button(name), Qt::LeftButton); }

    /// The text of the notice with this object name; empty while it is hidden.
    QString notice(const char* name) const
    {
        const auto* strip = window->findChild<QWidget*>(QLatin1String(name));
        return strip->isHidden() ? QString() : strip->findChild<QLabel*>()->text();
    }

    QListView* list() const { return window->findChild<QListView*>(QStringLiteral("runs")); }

    /// State of the run in a row of the runs list.
    RunState state(int row) const
    {
        return RunState(list()->model()->index(row, 0).data(RunListModel::StateRole).toInt());
    }

    /// Presses the button with this text as soon as a message box asks; says what it asked.
    static void answer(const QString& text, QString& question)
    {
        auto* timer = new QTimer(qApp);
        QObject::connect(timer, &QTimer::timeout, timer, [=, &question] {
            auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
            if (!box)
                return;
            timer->deleteLater();
            question = box->text();
            for (QAbstractButton* choice : box->buttons()) {
                if (choice->text().remove(u'&') == text)
                    choice->click();
            }
        });
        timer->start(20);
    }

    /// Chooses this file in the file dialog that is open.
    void chooseFile(const std::filesystem::path& file) const
    {
        auto* dialog = window->findChild<QFileDialog*>();
        if (!dialog)
            qFatal("no file dialog is open");
        dialog->selectFile(QString::fromStdString(file.string()));
        dialog->findChild<QLineEdit*>("fileNameEdit")
            ->setText(QString::fromStdString(file.string()));
        QMetaObject::invokeMethod(dialog, "accept");
        QCoreApplication::sendPostedEvents(dialog, QEvent::DeferredDelete);
    }

    /// Types into a field as a user would: its text is replaced.
    void type(QLineEdit* edit, const QString& text) const
    {
        edit->setFocus();
        edit->selectAll();
        QTest::keyClicks(edit, text);
    }

    template<typename Widget>
    Widget* find(const char* name) const
    {
        return window->findChild<Widget*>(QLatin1String(name));
    }

    std::unique_ptr<MainWindow> window;

private:
    QTemporaryDir m_home;
    QString m_worker;
};

} // namespace stair
