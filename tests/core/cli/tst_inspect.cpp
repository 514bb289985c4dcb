#include "core/base/json.h"
#include "core/session/experiment.h"
#include "core/session/line_reader.h"
#include "core/session/run_folder.h"
#include "tests/support/stair_process.h"

#include <QImage>

#include <cmath>
#include <cstring>
#include <set>

using namespace stair;

/// `stair inspect`, as from a shell.
class TestInspect : public QObject
{
    Q_OBJECT

    StairProgram m_stair;

    QString path(const char* name) const { return QString::fromStdString(m_stair.path(name)); }

    Json inspect(const QStringList& arguments) const
    {
        const auto done
            = m_stair.run(QStringList{"inspect", "--threads", "1", "--json"} + arguments);
        if (done.code != 0)
            qFatal("%s", qPrintable(done.err));
        return Json::parse(done.out.toStdString());
    }

    static QByteArray bytesOf(const Json& tensor)
    {
        return QByteArray::fromBase64(
            QByteArray::fromStdString(tensor.at("data").get<std::string>()));
    }

    /// Real values of codes with one step, or of floats.
    static std::vector<double> reals(const Json& tensor)
    {
        const QByteArray bytes = bytesOf(tensor);
        std::vector<double> values;
        if (tensor.at("type") == "f4") {
            std::vector<float> floats(std::size_t(bytes.size()) / sizeof(float));
            std::memcpy(floats.data(), bytes.data(), floats.size() * sizeof(float));
            values.assign(floats.begin(), floats.end());
            return values;
        }
        const double step = tensor.at("steps").at(0).get<double>();
        for (const char byte : bytes)
            values.push_back(
                step
                * (tensor.at("type") == "i1" ? int(std::int8_t(byte)) : int(std::uint8_t(byte))));
        return values;
    }

    static std::size_t sizeOf(const Json& tensor)
    {
        std::size_t size = 1;
        for (const Json& side : tensor.at("shape"))
            size *= side.get<std::size_t>();
        return size;
    }

private slots:
    void initTestCase()
    {
        const auto train = [this](const char* name, const QStringList& assignments) {
            QStringList arguments = smallRun() << "--out" << path(name);
            for (const QString& assignment : assignments)
                arguments << "--set" << assignment;
            const auto done = m_stair.run(arguments);
            QVERIFY2(done.code == 0, qPrintable(done.err));
        };
        train("run", {});
        train("float",
              {"quant.method=float", "quant.weights.bits=32", "quant.activations.bits=32"});
        train("other", {"data.params.size=24", "training.epochs=1"});
    }

    /// Asked one by one, the shipped program is as often right as the run itself reported.
    void everyTestImageIsToldAsTheRunReported()
    {
        double reported = -1;
        for (const Json& line : readLines(m_stair.path("run") / "events.jsonl"))
            if (line.value("event", "") == "evaluation")
                reported = line.at("test").at("top1").get<double>();
        const auto process = m_stair.start({"inspect", path("run"), "--serve", "--threads", "1"});
        constexpr int images = 64;
        for (int i = 0; i < images; ++i)
            process->write(QByteArray::fromStdString(Json{{"sample", i}}.dump() + "\n"));
        process->write("{\"sample\": 64}\nnonsense\n");
        process->closeWriteChannel();
        const auto done = StairProgram::finish(*process);
        QVERIFY2(done.code == 0, qPrintable(done.err));
        const QStringList lines = done.out.split('\n', Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), images + 2);
        int right = 0, twin = 0;
        for (int i = 0; i < images; ++i) {
            const Json answer = Json::parse(lines[i].toStdString());
            const Json& sides = answer.at("sides");
            QCOMPARE(sides.size(), std::size_t(2));
            const int label = answer.at("image").at("label").get<int>();
            right += sides[0].at("classes")[0].at("class") == label;
            twin += sides[1].at("classes")[0].at("class") == label;
        }
        QCOMPARE(double(right) / images, reported);
        QVERIFY2(twin > images / 5, qPrintable(QString::number(twin))); // ten classes: chance is 6
        QVERIFY(lines[images].contains("images 0 to 63"));
        QVERIFY(lines[images + 1].contains("error"));
    }

    void aLayerIsShownAsCodesAndAsFloats()
    {
        const Json first = inspect({path("run"), "--sample", "3"});
        QVERIFY(first.at("layer").is_null());
        const auto names = first.at("layers").get<std::vector<std::string>>();
        QVERIFY(names.size() >= 3);
        const QString layer = QString::fromStdString(names[1]); // behind the first: 2 bits
        const Json answer
            = inspect({path("run"), "--sample", "3", "--layer", layer, "--filters", "2"});
        const Json& result = answer.at("layer").at("result");
        const Json& codes = result.at("each").at(0);
        const Json& floats = result.at("each").at(1);
        QCOMPARE(codes.at("bits").get<int>(), 2);
        QCOMPARE(floats.at("type").get<std::string>(), std::string("f4"));
        QVERIFY(codes.at("shape") == floats.at("shape"));
        const std::vector<double> a = reals(codes), b = reals(floats);
        QCOMPARE(a.size(), sizeOf(codes));
        QCOMPARE(b.size(), sizeOf(floats));
        const std::set<double> levels(a.begin(), a.end());
        QVERIFY(levels.size() > 1 && levels.size() <= 4);
        QCOMPARE(*levels.rbegin(), codes.at("most").get<double>());
        double energy = 0, difference = 0;
        for (std::size_t i = 0; i < a.size(); ++i) {
            energy += b[i] * b[i];
            difference += (a[i] - b[i]) * (a[i] - b[i]);
        }
        const double sqnr = 10 * std::log10(energy / difference);
        QVERIFY(std::abs(sqnr - result.at("sqnr_db").get<double>()) < 1e-3);

        const Json& weights = answer.at("layer").at("weights").at("each");
        QCOMPARE(weights[0].at("shape")[0].get<int>(), 2);
        QVERIFY(answer.at("layer").at("outputs").get<int>() > 2);
        QCOMPARE(weights[0].at("bits").get<int>(), 2);
        const std::vector<double> coded = reals(weights[0]), latent = reals(weights[1]);
        QCOMPARE(coded.size(), latent.size());
        const double step = weights[0].at("steps").at(0).get<double>();
        int near = 0; // the codes are the latent weights' own, rounded to the grid and cut off
        for (std::size_t i = 0; i < coded.size(); ++i)
            near += std::abs(coded[i] - std::clamp(latent[i], -2 * step, step)) <= step / 2 + 1e-6;
        QCOMPARE(near, int(coded.size()));
    }

    void aPictureFileIsReadAsTheSampleWas()
    {
        const Dataset data = openData(RunFolder::open(m_stair.path("run")).spec().data, {});
        QImage image(data.test.width, data.test.height, QImage::Format_RGB888);
        for (int y = 0; y < image.height(); ++y)
            for (int x = 0; x < image.width(); ++x) {
                const auto* p = data.test.image(5).data()
                    + (std::ptrdiff_t(y) * image.width() + x) * data.test.channels;
                image.setPixelColor(
                    x, y, QColor(p[0], p[data.test.channels / 2], p[data.test.channels - 1]));
            }
        QVERIFY(image.save(path("five.png")));
        const Json file = inspect({path("run"), "--image", path("five.png")});
        const Json sample = inspect({path("run"), "--sample", "5"});
        QVERIFY(file.at("sides") == sample.at("sides"));
        QVERIFY(!file.at("image").contains("label"));
    }

    void anotherRunStandsBeside()
    {
        const Json alone = inspect({path("float"), "--sample", "0"});
        QCOMPARE(alone.at("sides").size(), std::size_t(1));
        QVERIFY(!alone.at("sides")[0].at("float_layers").empty());
        const Json both = inspect(
            {path("run"), "--sample", "0", "--beside", path("float"), "--split", "train"});
        QCOMPARE(both.at("sides").size(), std::size_t(2));
        QVERIFY(both.at("sides")[0].at("float_layers").empty());
        QCOMPARE(both.at("image").at("split").get<std::string>(), std::string("train"));
        const Json own = inspect({path("float"), "--sample", "0", "--split", "train"});
        QVERIFY(both.at("sides")[1].at("classes") == own.at("sides")[0].at("classes"));
    }

    void textSaysTheSame()
    {
        const auto plain
            = m_stair.run({"inspect", path("run"), "--sample", "3", "--layer", "stage1.conv"});
        QVERIFY2(plain.out.contains("stage1.conv, result:") && plain.out.contains(", 2 bits, "),
                 qPrintable(plain.out));
        QVERIFY2(plain.out.contains("the shipped program, step 160:"), qPrintable(plain.out));
        QVERIFY2(plain.out.contains("the same weights, not quantized"), qPrintable(plain.out));
    }

    void wrongInputIsOneLine_data()
    {
        QTest::addColumn<QString>("rest");
        QTest::addColumn<QString>("says");
        QTest::addRow("no image") << ""
                                  << "--sample NUMBER";
        QTest::addRow("two images") << "--sample 1 --image a.png"
                                    << "--sample NUMBER";
        QTest::addRow("no such sample") << "--sample 64"
                                        << "images 0 to 63";
        QTest::addRow("no such split") << "--sample 1 --split tset"
                                       << "did you mean 'test'";
        QTest::addRow("no such layer") << "--sample 1 --layer conv0"
                                       << "did you mean";
        QTest::addRow("no such file") << "--image nowhere.png"
                                      << "nowhere.png cannot be read";
        QTest::addRow("no such output") << "--sample 1 --layer LAYER --filters-from 9999"
                                        << "no output 9999";
        QTest::addRow("other images") << "--sample 1 --beside OTHER"
                                      << "one of the same data";
    }

    void wrongInputIsOneLine()
    {
        QFETCH(QString, rest);
        QFETCH(QString, says);
        if (rest.contains("LAYER")) {
            const Json answer = inspect({path("run"), "--sample", "0"});
            rest.replace("LAYER",
                         QString::fromStdString(answer.at("layers")[0].get<std::string>()));
        }
        rest.replace("OTHER", path("other"));
        const auto done = m_stair.run(QStringList{"inspect", path("run")}
                                      + rest.split(' ', Qt::SkipEmptyParts));
        QCOMPARE(done.code, 2);
        QVERIFY2(done.err.contains(says), qPrintable(done.err));
        QCOMPARE(done.err.count('\n'), 1);
    }
};

QTEST_GUILESS_MAIN(TestInspect)
#include "tst_inspect.moc"
