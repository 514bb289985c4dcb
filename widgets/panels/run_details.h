#pragma once

#include "core/session/run_meta.h"
#include "widgets/models/run_log.h"

#include <QWidget>

#include <vector>

class QCheckBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QStackedWidget;
class QTimer;

namespace stair {

/// What the user adds to the selected run (title, tags, notes, star), and what the run is. Edits are
/// sent when the field is left, and a second after the last key.
class RunDetails : public QWidget
{
    Q_OBJECT

public:
    explicit RunDetails(QWidget* parent = nullptr);

    /// One run is shown; the runs must outlive their being set.
    void setRuns(const std::vector<const RunLog*>& runs);

    /// Shows what is new; what is being typed stays.
    void refresh();

    /// Puts the focus into the notes.
    void editNotes();

    QSize sizeHint() const override { return {240, 400}; }

signals:
    /// The run's meta() is to say so afterwards; else the edit counts as refused.
    void edited(const QString& folder, const RunMeta& before, const RunMeta& after);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* buildFields();
    void showMeta();
    void showFacts();
    void editSoon();
    void send();

    const RunLog* m_run = nullptr;
    QString m_folder; // of m_run
    RunMeta m_shown; // what the fields were set to
    QString m_shownName;
    bool m_isRefused = false; // the last edit: the fields stay as they are
    QStackedWidget* m_pages = nullptr;
    QLabel* m_empty = nullptr;
    QLineEdit* m_title = nullptr;
    QLineEdit* m_tags = nullptr;
    QCheckBox* m_star = nullptr;
    QPlainTextEdit* m_notes = nullptr;
    QLabel* m_facts = nullptr;
    QTimer* m_pending = nullptr;
};

/// "one, two" as tags; empty ones and repetitions are left out.
std::vector<std::string> tagsFrom(const QString& text);

} // namespace stair
