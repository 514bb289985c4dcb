#include "tests/widgets/support/acted_layers.h"
#include "tests/widgets/support/acted_run.h"
#include "tests/widgets/support/ink_recorder.h"
#include "tests/widgets/support/picture.h"
#include "tests/widgets/support/window_fixture.h"

#include "core/quant/methods.h"
#include "widgets/main/dock_frame.h"
#include "widgets/main/theme.h"
#include "widgets/models/run_style.h"
#include "widgets/panels/curves_panel.h"
#include "widgets/panels/histogram_panel.h"
#include "widgets/panels/notice_strip.h"
#include "widgets/plot/line_plot.h"
#include "widgets/plot/plot_theme.h"

#include <QAbstractSpinBox>
#include <QCheckBox>
#include <QComboBox>
#include <QDockWidget>
#include <QHeaderView>
#include <QMap>
#include <QPainter>
#include <QPushButton>
#include <QStandardItemModel>
#include <QStyleOptionButton>
#include <QTableView>

#include <qcustomplot.h>

using namespace stair;

namespace {

constexpr double textRatio = 4.5; // WCAG 2.1, 1.4.3
constexpr double markRatio = 3; // 1.4.11

bool isNear(const QColor& a, const QColor& b)
{
    return std::abs(a.red() - b.red()) + std::abs(a.green() - b.green())
        + std::abs(a.blue() - b.blue())
        < 90;
}

/// The ground that a text stands on: the colour that most of the place has, its shades taken together.
/// The ink itself counts only when hardly anything else is there.
QColor groundOf(const QImage& image, const QRect& place, const QColor& ink)
{
    struct Shade
    {
        int count = 0, red = 0, green = 0, blue = 0;
        QColor mean() const { return {red / count, green / count, blue / count}; }
    };
    QMap<QRgb, Shade> shades;
    for (int y = place.top(); y <= place.bottom(); ++y) {
        for (int x = place.left(); x <= place.right(); ++x) {
            const QColor color = image.pixelColor(x, y);
            Shade& shade = shades[color.rgb() & 0xFFE0E0E0];
            ++shade.count;
            shade.red += color.red();
            shade.green += color.green();
            shade.blue += color.blue();
        }
    }
    Shade most;
    for (const Shade& shade : shades) {
        const bool isInk = isNear(shade.mean(), ink);
        if (!isInk && shade.count > most.count)
            most = shade;
    }
    return 5 * most.count < place.width() * place.height() ? ink : most.mean();
}

/// Whether the text is seen there at all: it may be scrolled away or lie behind something.
bool isSeen(const QImage& image, const InkedText& text)
{
    for (int y = text.place.top(); y <= text.place.bottom(); ++y) {
        for (int x = text.place.left(); x <= text.place.right(); ++x) {
            if (isNear(image.pixelColor(x, y), text.color))
                return true;
        }
    }
    return false;
}

} // namespace

/// Texts stand 4.5:1 and curves and controls 3:1 against what is behind them, in both themes, wherever the
/// window shows them. Grid lines, the pale noise under smoothed curves and what is disabled are exempt.
class TestContrast : public QObject
{
    Q_OBJECT

private:
    QSet<QString> m_seen; // texts that were judged

    void judge(const QImage& image, const std::vector<InkedText>& texts, const QString& where,
               QStringList& faults)
    {
        const QPalette palette = QApplication::palette();
        for (const InkedText& text : texts) {
            const QRect frame = text.window.isEmpty() ? image.rect() : text.window;
            const QRect place = text.place.intersected(image.rect()).intersected(frame);
            const bool isDisabled
                = text.color == palette.color(QPalette::Disabled, QPalette::WindowText);
            const bool isCut = place.width() * place.height() * 10
                < text.place.width() * text.place.height() * 7;
            if (place.width() < 3 || place.height() < 3 || isCut || isDisabled
                || !isSeen(image, {text.text, text.color, place, frame}))
                continue;
            m_seen += text.text;
            const QColor ground = groundOf(image, place, text.color);
            const double ratio = contrast(text.color, ground);
            if (ratio < textRatio)
                faults += QStringLiteral("%1: \"%2\" %3 on %4 is %5:1")
                              .arg(where, text.text, text.color.name(), ground.name())
                              .arg(ratio, 0, 'f', 2);
        }
    }

    void judgeWidget(QWidget& widget, const QString& where, QStringList& faults)
    {
        const QImage image = widget.grab().toImage();
        InkRecorder recorder(widget.size());
        widget.render(&recorder);
        judge(image, recorder.texts(), where, faults);
    }

    void judgePlot(QCustomPlot& plot, const QString& where, QStringList& faults)
    {
        const QImage image = plot.toPixmap(plot.width(), plot.height()).toImage();
        InkRecorder recorder(plot.size());
        QCPPainter painter;
        painter.begin(&recorder);
        painter.setMode(QCPPainter::pmVectorized);
        painter.setMode(QCPPainter::pmNoCaching);
        plot.toPainter(&painter, plot.width(), plot.height());
        painter.end();
        judge(image, recorder.texts(), where, faults);
        const QColor ground = PlotTheme::of(plot.palette()).background;
        const auto mark = [&](const QPen& pen, const QString& what) {
            if (pen.style() == Qt::NoPen || pen.color().alpha() < 255)
                return;
            ++m_marks;
            if (contrast(pen.color(), ground) < markRatio)
                faults += QStringLiteral("%1: %2 %3 on %4 is %5:1")
                              .arg(where, what, pen.color().name(), ground.name())
                              .arg(contrast(pen.color(), ground), 0, 'f', 2);
        };
        for (int i = 0; i < plot.graphCount(); ++i)
            mark(plot.graph(i)->pen(), plot.graph(i)->name());
        for (const QCPAxisRect* rect : plot.axisRects()) {
            for (const QCPAxis* axis : rect->axes())
                mark(axis->basePen(), axis->label());
        }
        for (int i = 0; i < plot.itemCount(); ++i) {
            if (const auto* line = qobject_cast<QCPItemStraightLine*>(plot.item(i)))
                mark(line->pen(), QStringLiteral("a line"));
        }
    }

    /// The outline that shows where a control is.
    void judgeControls(QWidget& window, const QString& where, QStringList& faults)
    {
        const QImage image = window.grab().toImage();
        for (QWidget* control : window.findChildren<QWidget*>()) {
            const bool isOutlined = qobject_cast<QLineEdit*>(control)
                || qobject_cast<QComboBox*>(control) || qobject_cast<QPushButton*>(control)
                || qobject_cast<QAbstractSpinBox*>(control) || qobject_cast<QCheckBox*>(control);
            const bool isInside = qobject_cast<QAbstractSpinBox*>(control->parentWidget())
                || qobject_cast<QComboBox*>(control->parentWidget());
            if (!isOutlined || isInside || !control->isVisible() || !control->isEnabled()
                || control->visibleRegion().boundingRect() != control->rect())
                continue;
            QRect box = control->rect();
            if (const auto* check = qobject_cast<QCheckBox*>(control)) {
                QStyleOptionButton option;
                option.initFrom(check);
                box = check->style()->subElementRect(QStyle::SE_CheckBoxIndicator, &option, check);
            }
            const QPoint left = control->mapTo(&window, QPoint(box.left(), box.center().y()));
            const QColor ground = control->parentWidget()->palette().color(
                control->parentWidget()->backgroundRole());
            double best = 0;
            for (int x = left.x(); x < left.x() + 4; ++x) {
                if (image.rect().contains(x, left.y()))
                    best = std::max(best, contrast(image.pixelColor(x, left.y()), ground));
            }
            ++m_controls;
            if (best < markRatio)
                faults += QStringLiteral("%1: the outline of %2 %3 is %4:1")
                              .arg(where, control->metaObject()->className(), control->objectName())
                              .arg(best, 0, 'f', 2);
        }
    }

    void judgeAll(QWidget& window, const QString& where, QStringList& faults)
    {
        judgeWidget(window, where, faults);
        judgeControls(window, where, faults);
        for (QCustomPlot* plot : window.findChildren<QCustomPlot*>()) {
            if (plot->isVisible())
                judgePlot(*plot, where + QStringLiteral(", a plot"), faults);
        }
    }

    static void addThemes()
    {
        QTest::addColumn<int>("theme");
        QTest::addRow("light") << int(Theme::Light);
        QTest::addRow("dark") << int(Theme::Dark);
    }

    int m_marks = 0;
    int m_controls = 0;

private slots:
    void init() { QSettings().clear(); }

    void aDesktopsSelectionIsLegible()
    {
        applyTheme(Theme::System); // here the style's own colours: white on a blue that is too pale
        const QPalette palette = QApplication::palette();
        for (const auto group : {QPalette::Active, QPalette::Inactive, QPalette::Disabled})
            QVERIFY(contrast(palette.color(group, QPalette::HighlightedText),
                             palette.color(group, QPalette::Highlight))
                    >= textRatio);
    }

    void paletteRoles_data() { addThemes(); }
    void paletteRoles()
    {
        QFETCH(int, theme);
        applyTheme(Theme(theme));
        const QPalette palette = QApplication::palette();
        using Role = QPalette::ColorRole;
        const std::pair<Role, Role> pairs[] = {
            {QPalette::WindowText, QPalette::Window},
            {QPalette::Text, QPalette::Base},
            {QPalette::Text, QPalette::AlternateBase},
            {QPalette::ButtonText, QPalette::Button},
            {QPalette::HighlightedText, QPalette::Highlight},
            {QPalette::PlaceholderText, QPalette::Base},
            {QPalette::ToolTipText, QPalette::ToolTipBase},
            {QPalette::Link, QPalette::Base},
            {QPalette::Link, QPalette::Window},
            {QPalette::LinkVisited, QPalette::Base},
            {QPalette::LinkVisited, QPalette::Window},
        };
        for (const QPalette::ColorGroup group : {QPalette::Active, QPalette::Inactive}) {
            for (const auto& [text, ground] : pairs)
                QVERIFY2(
                    contrast(palette.color(group, text), palette.color(group, ground)) >= textRatio,
                    qPrintable(QStringLiteral("role %1 on %2").arg(int(text)).arg(int(ground))));
        }
    }

    void methodsAndRuns_data() { addThemes(); }
    void methodsAndRuns()
    {
        QFETCH(int, theme);
        applyTheme(Theme(theme));
        const QPalette palette = QApplication::palette();
        const PlotTheme plots = PlotTheme::of(palette);
        QVERIFY(contrast(plots.text, plots.background) >= textRatio);
        QVERIFY(contrast(plots.axis, plots.background) >= markRatio);
        std::vector<std::string> all;
        for (const MethodInfo& info : methods()) {
            all.push_back(info.id);
            QVERIFY(contrast(plots.curve(methodStyle(info.id).hue), plots.background) >= markRatio);
        }
        for (int more = 0; more < 8; ++more)
            all.push_back("lsq");
        for (const QPalette::ColorRole ground :
             {QPalette::Base, QPalette::Window, QPalette::AlternateBase, QPalette::Highlight}) {
            PlotTheme here = plots;
            here.background = palette.color(ground);
            for (const RunStyle& style : runStyles(all))
                QVERIFY2(contrast(here.curve(style.hue), here.background) >= markRatio,
                         qPrintable(QString::number(int(ground))));
        }
    }

    void notices_data() { addThemes(); }
    void notices()
    {
        QFETCH(int, theme);
        applyTheme(Theme(theme));
        QStringList faults;
        for (const auto kind :
             {NoticeStrip::Kind::Error, NoticeStrip::Kind::Warning, NoticeStrip::Kind::News,
              NoticeStrip::Kind::Result}) {
            NoticeStrip strip;
            strip.setClosable(true);
            strip.say(kind, QStringLiteral("Something is to be said"));
            strip.resize(400, strip.sizeHint().height());
            strip.show();
            QVERIFY(QTest::qWaitForWindowExposed(&strip));
            judgeWidget(strip, QStringLiteral("notice %1").arg(int(kind)), faults);
        }
        QVERIFY(m_seen.contains(QStringLiteral("Something is to be said")));
        QVERIFY2(faults.isEmpty(), qPrintable(faults.join(u'\n')));
    }

    /// In a table that is disabled they are what is left to see of the choice.
    void disabledCheckBoxes_data() { addThemes(); }
    void disabledCheckBoxes()
    {
        QFETCH(int, theme);
        applyTheme(Theme(theme));
        QStandardItemModel model(1, 1);
        model.setData(model.index(0, 0), Qt::Unchecked, Qt::CheckStateRole);
        QTableView table;
        table.setModel(&model);
        table.setShowGrid(false);
        table.horizontalHeader()->hide();
        table.verticalHeader()->hide();
        table.setEnabled(false);
        QCheckBox box;
        box.setEnabled(false);
        for (QWidget* widget : {static_cast<QWidget*>(&table), static_cast<QWidget*>(&box)}) {
            widget->resize(120, 60);
            widget->show();
            QVERIFY(QTest::qWaitForWindowExposed(widget));
            QWidget* canvas = widget == &table ? table.viewport() : widget;
            const QImage image = canvas->grab().toImage();
            const QColor ground = QApplication::palette().color(
                widget == &table ? QPalette::Base : QPalette::Window);
            double best = 0;
            for (int y = 0; y < image.height(); ++y) {
                for (int x = 0; x < std::min(40, image.width()); ++x)
                    best = std::max(best, contrast(image.pixelColor(x, y), ground));
            }
            QVERIFY2(best >= markRatio, qPrintable(QString::number(best)));
        }
    }

    void theWholeWindow_data() { addThemes(); }
    void theWholeWindow()
    {
        QFETCH(int, theme);
        WindowFixture fixture(QStringLiteral("/nonexistent/stair"));
        std::vector<std::unique_ptr<ActedRun>> runs;
        std::vector<std::filesystem::path> folders;
        for (const char* method : {"float", "minmax", "asr", "lsq"}) {
            Json json = tinySpec(std::string("with ") + method, false).toJson();
            if (std::string(method) != "float")
                json["quant"] = {{"method", method}};
            const ExperimentSpec spec = ExperimentSpec::read(json, method);
            folders.push_back(fixture.runs() / (std::string("000") + method));
            runs.push_back(std::make_unique<ActedRun>(folders.back(), spec));
            runs.back()->start();
            runs.back()->train(0, 80);
            ActedLayers layers(folders.back(), method[0] != 'f');
            for (int step = 10; step <= 80; step += 10)
                layers.write(step);
        }
        runs.back()->write(noticeLine(80, "a layer saturates"));
        MainWindow& window = fixture.open(tinySpec("", true), tinySpec("", false));
        applyTheme(Theme(theme));
        window.resize(1600, 1000);
        window.model().setData(window.model().index(0), QStringList({"wide"}),
                               RunListModel::TagsRole);
        window.openRuns(folders);
        QTest::qWait(300);
        QStringList faults;
        for (const LayoutRow& layout : window.frame().layouts()) {
            window.frame().showLayout(layout.id);
            for (QDockWidget* dock : window.frame().findChildren<QDockWidget*>()) {
                if (dock->isHidden())
                    continue;
                dock->raise();
                QTest::qWait(30);
                judgeAll(window, layout.id + QStringLiteral(", ") + dock->windowTitle(), faults);
            }
        }
        window.frame().showLayout(QStringLiteral("train"));
        window.frame().showDock(QStringLiteral("histograms"));
        auto* histograms = window.findChild<HistogramPanel*>();
        for (const auto view : {HistogramPanel::View::OverTime, HistogramPanel::View::Curves}) {
            histograms->setView(view);
            QTest::qWait(50);
            judgeAll(window, QStringLiteral("histograms, view %1").arg(int(view)), faults);
        }
        auto* curves = window.findChild<CurvesPanel*>();
        curves->lossPlot()->setCursor(LinePlot::A, 20);
        curves->setSeedBand(SeedBand::Deviation);
        QTest::qWait(50);
        judgeAll(window, QStringLiteral("cursors"), faults);
        QVERIFY(savePicture(window, QStringLiteral("contrast-%1").arg(theme)));
        faults.removeDuplicates();
        for (const QString& fault : faults)
            qWarning("%s", qPrintable(fault));
        QVERIFY2(faults.isEmpty(), qPrintable(faults.join(u'\n')));
        // What must have been among it.
        for (const char* text : {"with minmax", "Step", "Top-1 accuracy (%)", "A", "Loss"})
            QVERIFY2(m_seen.contains(QLatin1String(text)), text);
        qInfo("%lld texts, %d marks, %d controls judged", qlonglong(m_seen.size()), m_marks,
              m_controls);
        QVERIFY(m_seen.size() > 150 && m_marks > 50 && m_controls > 30);
    }

    /// The test itself must see what is too pale.
    void paleTextsAreFound()
    {
        applyTheme(Theme::Light);
        QLabel label(QStringLiteral("pale"));
        QPalette palette = label.palette();
        palette.setColor(QPalette::WindowText, QColor(0xA0, 0xA0, 0xA0));
        label.setPalette(palette);
        label.resize(100, 30);
        label.show();
        QVERIFY(QTest::qWaitForWindowExposed(&label));
        QStringList faults;
        judgeWidget(label, QStringLiteral("label"), faults);
        QCOMPARE(faults.size(), 1);
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestContrast>(argc, argv);
}
#include "tst_contrast.moc"
