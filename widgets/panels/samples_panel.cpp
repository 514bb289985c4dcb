#include "widgets/panels/samples_panel.h"

#include "core/base/error.h"
#include "core/session/image_files.h"
#include "core/session/run_folder.h"
#include "widgets/panels/maps_view.h"
#include "widgets/panels/notice_strip.h"
#include "widgets/panels/sample_browser.h"

#include <QComboBox>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QMimeData>
#include <QSplitter>
#include <QVBoxLayout>
#include <QtConcurrent>

#include <algorithm>

namespace stair {

namespace {

constexpr int classesShown = 10;

QString folderOf(const RunLog& run)
{
    return QString::fromStdString(run.folder().string());
}

} // namespace

SamplesPanel::SamplesPanel(const QString& program, const DataDesk& form, QWidget* parent)
    : QWidget(parent)
    , m_formData(form)
    , m_runData(nullptr, &form)
    , m_talk(program)
    , m_classes({tr("Class"), tr("The run"), tr("Beside it")},
                {tr("The likeliest classes; the image's own is marked"),
                 tr("Softmax of the shipped program's logits"),
                 tr("Softmax of the logits of what is chosen to stand beside")})
    , m_browser(new SampleBrowser)
    , m_notice(new NoticeStrip)
{
    setAcceptDrops(true);
    m_notice->setObjectName(QStringLiteral("samplesNotice"));
    auto* split = new QSplitter(Qt::Horizontal);
    split->setChildrenCollapsible(false);
    split->addWidget(m_browser);
    split->addWidget(buildDetail());
    split->setStretchFactor(0, 2);
    split->setStretchFactor(1, 3);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 6, 12, 6);
    layout->addWidget(buildBar());
    layout->addWidget(m_notice);
    layout->addWidget(split, 1);
    connect(m_browser, &SampleBrowser::sampleChosen, this, &SamplesPanel::takeSample);
    connect(m_browser, &SampleBrowser::retryWanted, this, [this] {
        const bool isForm = m_source->currentData().toBool();
        if (!isForm)
            m_runData.retry();
        if (isForm || (m_runSpec && isSameSet(m_formSpec.data, m_runSpec->data)))
            emit dataRetryWanted();
    });
    connect(&m_formData, &DataDesk::changed, this, &SamplesPanel::showData);
    connect(&m_runData, &DataDesk::changed, this, &SamplesPanel::showData);
    connect(&m_runData, &DataDesk::changed, this, [this] {
        if (!m_file.isEmpty())
            takePicture();
    });
    connect(&m_talk, &StairTalk::answered, this, &SamplesPanel::take);
    connect(&m_talk, &StairTalk::failed, this, [this](const QString& why) {
        m_notice->say(NoticeStrip::Kind::Error, why);
        forget();
        emit inspected();
    });
    connect(&m_reading, &QFutureWatcher<QImage>::finished, this, [this] {
        if (!m_file.isEmpty()) // else an image of the grid has been chosen since
            showPreview(m_reading.result());
    });
    showData();
    forget();
}

void SamplesPanel::setForm(const ExperimentSpec& spec)
{
    m_formSpec = spec;
    showData();
}

void SamplesPanel::setRuns(const std::vector<const RunLog*>& runs)
{
    const RunLog* before = m_runs.empty() ? nullptr : m_runs.front();
    m_runs = runs;
    std::ranges::stable_partition(m_runs, [](const RunLog* r) { return !r->identity().isFloat(); });
    fillBeside();
    if (before == (m_runs.empty() ? nullptr : m_runs.front()))
        return;
    m_notice->fallSilent();
    m_talk.cancel();
    forget();
    readSpec();
    showData();
    if (isVisible() && !m_source->currentData().toBool() && m_runSpec) // its set has been asked for
        m_runData.retry();
    ask();
}

void SamplesPanel::readSpec()
{
    m_runSpec.reset();
    if (m_runs.empty())
        return;
    const RunLog& run = *m_runs.front();
    try {
        m_runSpec = RunFolder::open(run.folder()).spec();
    } catch (const std::exception& error) {
        if (run.state() == RunState::Starting)
            m_notice->say(NoticeStrip::Kind::Warning,
                          tr("The run “%1” has not begun yet").arg(run.identity().name));
        else
            m_notice->say(NoticeStrip::Kind::Error, QString::fromUtf8(error.what()));
    }
}

/// A run that has just been started writes its settings a little later.
void SamplesPanel::refresh()
{
    if (m_runs.empty() || m_runSpec)
        return;
    readSpec();
    if (!m_runSpec)
        return;
    m_notice->fallSilent();
    fillBeside();
    showData();
    if (m_file.isEmpty())
        ask();
    else
        openPicture(m_file);
}

void SamplesPanel::selectLayer(const QString& name)
{
    if (name == m_layer)
        return;
    m_layer = name;
    fillLayers(m_inspected.layers);
    ask();
}

void SamplesPanel::showForm(bool form)
{
    m_source->setCurrentIndex(m_source->findData(form));
    showData();
}

bool SamplesPanel::fitsRun() const
{
    return m_runSpec
        && (!m_source->currentData().toBool() || isSameSet(m_formSpec.data, m_runSpec->data));
}

/// The grid has the chosen set, once somebody looks.
void SamplesPanel::showData()
{
    if (!isVisible())
        return;
    const bool isForm = m_source->currentData().toBool();
    if (!isForm && m_runs.empty()) {
        m_browser->setData(nullptr, 0, 0,
                           tr("Select a run: the images it learned from and was "
                              "judged by appear here."));
        return;
    }
    if (!isForm && !m_runSpec) {
        m_browser->setData(nullptr, 0, 0,
                           tr("The settings of the selected run cannot be read yet: its images "
                              "appear here once they can."));
        return;
    }
    if (!isForm)
        m_runData.request(m_runSpec->data);
    const DataDesk& desk = isForm ? m_formData : m_runData;
    const ExperimentSpec& spec = isForm ? m_formSpec : *m_runSpec;
    const QString message = desk.data() ? QString()
        : desk.problem().isEmpty()      ? tr("The data set is being opened.")
                                        : desk.problem();
    // While it is opened once more the button stays, and the focus with it.
    const bool isOpening = !desk.data() && desk.problem().isEmpty();
    m_browser->setData(desk.data(), spec.data.validation, spec.seed, message,
                       isOpening ? m_browser->offersRetry() : !desk.problem().isEmpty());
    updateControls();
}

void SamplesPanel::showEvent(QShowEvent*)
{
    showData();
    ask();
}

void SamplesPanel::takeSample()
{
    const QModelIndex current = m_browser->current();
    if (!current.isValid()) {
        if (m_file.isEmpty())
            forget();
        return;
    }
    m_file.clear();
    showPreview(current.data(SampleModel::ImageRole).value<QImage>());
    m_verdict->setText(m_browser->currentText());
    ask();
}

void SamplesPanel::openPicture(const QString& file)
{
    m_notice->fallSilent();
    if (m_runs.empty()) {
        m_notice->say(NoticeStrip::Kind::Error,
                      tr("Select a run in the list: its model classifies %1")
                          .arg(QFileInfo(file).fileName()));
        return;
    }
    m_file = file;
    m_browser->clearCurrent();
    if (!m_runSpec) {
        forget();
        refresh(); // comes back here once it can be read
        return;
    }
    m_runData.request(m_runSpec->data); // tells the network's size
    takePicture();
    ask();
}

/// The picture as the network sees it, read in the background.
void SamplesPanel::takePicture()
{
    if (!m_runSpec)
        return;
    const std::shared_ptr<const Dataset> data = m_runData.data();
    const auto image = m_runData.imageShape(m_runSpec->data.augment);
    if (!data || !image)
        return; // without the network's size there is no preview; the classes come all the same
    m_reading.setFuture(QtConcurrent::run([file = m_file.toStdString(), shape = *image] {
        try {
            return imageOf(readImageFile(file, shape).data(), shape.h, shape.w, shape.c);
        } catch (const Error&) { // the classification says why
            return QImage();
        }
    }));
}

QStringList SamplesPanel::arguments() const
{
    const RunFolder folder = RunFolder::open(m_runs.front()->folder());
    QStringList list{
        QStringLiteral("inspect"), folderOf(*m_runs.front()), QStringLiteral("--checkpoint"),
        QString::fromStdString(folder.checkpointFile("last").string()), QStringLiteral("--serve")};
    if (const QString beside = m_beside->currentData().toString(); !beside.isEmpty())
        list << QStringLiteral("--beside") << beside;
    return list;
}

Json SamplesPanel::request() const
{
    Json request = {{"layer", m_layer.toStdString()},
                    {"top", classesShown},
                    {"filters", SamplesPanel::filtersAtOnce},
                    {"filters_from", m_filters->firstOutput()}};
    const QModelIndex current = m_browser->current();
    if (!m_file.isEmpty()) {
        request["image"] = m_file.toStdString();
        return request;
    }
    request["sample"] = current.data(SampleModel::NumberRole).toInt();
    request["split"] = m_browser->model().choice().split == SampleSplit::Test ? "test" : "train";
    return request;
}

/// Asks for what is chosen, when there is something to ask and somebody looks.
void SamplesPanel::ask()
{
    const bool isChosen = !m_file.isEmpty() || m_browser->current().isValid();
    updateControls();
    if (!isVisible() || !isChosen || !m_runSpec)
        return;
    if (m_file.isEmpty() && !fitsRun()) {
        forget();
        m_notice->say(NoticeStrip::Kind::Warning,
                      tr("The selected run learned from other data; choose “data of the "
                         "selected run” to have these images classified"));
        return;
    }
    try {
        m_talk.setArguments(arguments());
        m_talk.ask(request());
    } catch (const std::exception& error) {
        m_notice->say(NoticeStrip::Kind::Error, QString::fromUtf8(error.what()));
        forget();
        emit inspected();
    }
    updateControls();
}

void SamplesPanel::take(const Json& answer)
{
    try {
        showAnswer(Inspected::from(answer));
        m_notice->fallSilent();
    } catch (const Json::exception& error) {
        m_notice->say(NoticeStrip::Kind::Error,
                      tr("The answer of stair inspect cannot be read: %1")
                          .arg(QString::fromUtf8(error.what())));
    }
    updateControls();
    emit inspected();
}

void SamplesPanel::showAnswer(const Inspected& inspected)
{
    m_inspected = inspected;
    const QString image
        = m_file.isEmpty() ? m_browser->currentText() : QFileInfo(m_file).fileName();
    const QString proof = m_runs.front()->identity().isFloat() ? QString()
        : inspected.isProved                                   ? tr(", computed by integers alone")
                                                               : tr(", with some layers in float");
    QString text
        = tr("%1. The run “%2” says %3%4, at its last checkpoint.")
              .arg(image, m_runs.front()->identity().name, inspected.classes.front().name, proof);
    if (inspected.sides.size() > 1) {
        const auto best = std::ranges::max_element(
            inspected.classes, {}, [](const ClassGuess& guess) { return guess.probability[1]; });
        text += best->index == inspected.classes.front().index
            ? tr(" What stands beside it says so too.")
            : tr(" What stands beside it says %1.").arg(best->name);
    }
    m_verdict->setText(text);
    fillClasses(inspected);
    fillLayers(inspected.layers);
    if (!inspected.layerProblem.isEmpty()) {
        m_maps->clear(inspected.layerProblem);
        m_filters->clear(inspected.layerProblem);
        return;
    }
    const QStringList sides{m_runs.front()->identity().isFloat() ? tr("float") : tr("shipped"),
                            m_beside->currentText()};
    m_maps->setValues(inspected.result[0], inspected.result[1], sides, inspected.resultSqnr);
    m_filters->setOutputs(inspected.outputs, SamplesPanel::filtersAtOnce);
    m_filters->setValues(inspected.weights[0], inspected.weights[1], sides, inspected.weightSqnr);
}

/// Nothing is known of the image that is looked at, and no answer about another one is wanted.
void SamplesPanel::forget()
{
    if (m_talk.isBusy()) // else the process may stay
        m_talk.cancel();
    m_inspected = {};
    m_classes.setRows({});
    m_maps->clear();
    m_filters->clear();
    if (!m_browser->current().isValid()) {
        m_preview->clear();
        m_verdict->setText(tr("Choose an image, or drop a picture file here: the selected run's "
                              "shipped program and its floats classify it."));
    }
    updateControls();
}

void SamplesPanel::dragEnterEvent(QDragEnterEvent* event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    if (urls.size() == 1 && urls.front().isLocalFile()
        && isPictureFile(urls.front().toLocalFile().toStdString()))
        event->acceptProposedAction();
}

void SamplesPanel::dropEvent(QDropEvent* event)
{
    openPicture(event->mimeData()->urls().front().toLocalFile());
    event->acceptProposedAction();
}

} // namespace stair
