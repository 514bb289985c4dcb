#include "tests/support/build_network.h"
#include "tests/support/lowered_check.h"

#include <QTest>

using namespace stair;

namespace {

struct Case
{
    const char* network;
    const char* values; // narrow, so that plain loops take milliseconds
    Shape image;
};

const Case cases[] = {
    {"resnet18", R"({"width": 0.125})", {1, 32, 32, 3}},
    {"resnet18", R"({"width": 0.125, "stem": "large"})", {1, 48, 40, 3}},
    {"resnet34", R"({"width": 0.125})", {1, 24, 24, 3}},
    {"resnet50", R"({"width": 0.125})", {1, 24, 24, 3}},
    {"mobilenet_v2", R"({"width": 0.25})", {1, 24, 24, 3}},
    {"mobilenet_v2", R"({"width": 0.25, "stem": "large"})", {1, 48, 40, 3}},
    {"alexnet", R"({"width": 0.125})", {1, 32, 32, 3}},
    {"alexnet", R"({"width": 0.125, "batch_norm": true})", {1, 24, 24, 3}},
    {"vgg11_bn", R"({"width": 0.125})", {1, 32, 32, 3}},
    {"vgg16_bn", R"({"width": 0.125})", {1, 32, 40, 3}},
    {"shufflenet_v2", R"({"width": "x0.5"})", {1, 16, 16, 3}},
    {"shufflenet_v2", R"({"width": "x0.5", "stem": "large"})", {1, 48, 40, 3}},
    {"inception_v3", R"({"width": 0.125})", {1, 15, 16, 3}},
    {"inception_v3", R"({"width": 0.125, "stem": "large"})", {1, 75, 80, 3}},
    {"inception_v3", R"({"width": 0.125, "auxiliary": true})", {1, 17, 17, 3}},
    {"densenet100", R"({"growth": 4})", {1, 16, 12, 3}},
    {"densenet100", R"({"growth": 4, "stem": "large"})", {1, 32, 32, 3}},
};

} // namespace

/// The papers' networks, narrow and on small images, train quantized and are shipped exactly.
class TestLoweredPapers : public QObject
{
    Q_OBJECT

private slots:
    void trainsAndShipsExactly_data()
    {
        QTest::addColumn<int>("which");
        QTest::addColumn<int>("bits");
        for (int i = 0; i < int(std::size(cases)); ++i) {
            for (const int bits : {4, 8})
                QTest::addRow("%s %s W%dA%d", cases[i].network, cases[i].values, bits, bits)
                    << i << bits;
        }
    }

    void trainsAndShipsExactly()
    {
        QFETCH(int, which);
        QFETCH(int, bits);
        const Case& c = cases[which];
        Model model(buildWith(c.network, c.image, c.values), quantSpec("lsq", bits, bits),
                    colours(), 7);
        trainBriefly(model, m_runtime, 2, 4);
        for (const Parameter* parameter : model.parameters()) {
            for (const float g : parameter->gradient.values())
                QVERIFY2(std::isfinite(g), parameter->name.c_str());
        }
        const Program program = lower(model);
        QVERIFY(program.floatLayers().empty());
        const TinyBatch batch(model.graph(), 2, 77);
        QCOMPARE(firstUnlikeTraining(model, m_runtime, batch), std::string());
        QCOMPARE(firstUnlikeReference(program, m_runtime, batch), std::string());
    }

private:
    Runtime m_runtime{testThreads()};
};

QTEST_GUILESS_MAIN(TestLoweredPapers)
#include "tst_lowered_papers.moc"
