#include "core/base/random.h"
#include "core/train/checkpoint.h"
#include "tests/support/error_text.h"
#include "tests/support/quantizers.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <set>

using namespace stair;

namespace {

std::vector<float> sampleValues(QuantizerKind kind)
{
    Random random(20261123, RandomUse::Test);
    std::vector<float> x;
    for (int i = 0; i < 5000; ++i) {
        const float v = random.normal() * (i % 50 == 0 ? 20 : 1);
        x.push_back(kind == QuantizerKind::Activation ? std::max(0.0f, v) : v);
    }
    return x;
}

std::vector<float> divided(std::span<const float> x, float step)
{
    std::vector<float> u;
    for (const float v : x)
        u.push_back(v / step);
    return u;
}

std::vector<float> codesOf(const Quantizer& quantizer, std::span<const float> u)
{
    std::vector<float> q(u.size());
    quantizer.code(u, q);
    return q;
}

} // namespace

/// What every method promises, at every width it takes, for weights and for activations.
class TestMethods : public QObject
{
    Q_OBJECT

private slots:
    void keepsTheContract_data()
    {
        QTest::addColumn<std::string>("id");
        QTest::addColumn<int>("bits");
        QTest::addColumn<bool>("isWeight");
        for (const MethodInfo& info : methods()) {
            if (!info.quantizes())
                continue;
            for (const bool isWeight : {true, false}) {
                const auto [least, most]
                    = info.bits(isWeight ? QuantizerKind::Weight : QuantizerKind::Activation);
                for (int bits = least; bits <= most; ++bits)
                    QTest::addRow("%s, %d bits, %s", info.id.c_str(), bits,
                                  isWeight ? "weights" : "activations")
                        << info.id << bits << isWeight;
            }
        }
    }

    void keepsTheContract()
    {
        QFETCH(std::string, id);
        QFETCH(int, bits);
        QFETCH(bool, isWeight);
        m_kind = isWeight ? QuantizerKind::Weight : QuantizerKind::Activation;
        m_bits = bits;
        const auto quantizer = make(id);
        QVERIFY(quantizer->wantsToObserve() || quantizer->isInitialised());
        const std::vector<float> x = seenBy(*quantizer, sampleValues(m_kind));
        quantizer->observe(x);
        QVERIFY(quantizer->isInitialised());
        QVERIFY(std::isfinite(quantizer->step()) && quantizer->step() > 0);

        const std::vector<float> u = divided(x, quantizer->codeStep());
        const std::vector<float> q = codesOf(*quantizer, u);
        usesItsGrid(*quantizer, q, bits);
        QCOMPARE_GT(std::set<float>(q.begin(), q.end()).size(), std::size_t(1)); // not dead
        codesAreFixedPoints(*quantizer, q);
        givesFiniteGradients(*quantizer, u, q);
        repeatsItself(id, *quantizer, x, q);
        survivesACheckpoint(id, *quantizer, u, q);
    }

    /// Tensors between layers may have negative values: no width leaves all codes alike.
    void signedActivationsUseTheirLevels_data()
    {
        QTest::addColumn<std::string>("id");
        QTest::addColumn<int>("bits");
        for (const MethodInfo& info : methods()) {
            const auto [least, most] = info.activationBits;
            for (int bits = least; info.quantizes() && bits <= most; ++bits)
                QTest::addRow("%s, %d bits", info.id.c_str(), bits) << info.id << bits;
        }
    }

    void signedActivationsUseTheirLevels()
    {
        QFETCH(std::string, id);
        QFETCH(int, bits);
        const MethodInfo& info = method(id);
        const ParamValues params(info.params);
        m_kind = QuantizerKind::Activation;
        const auto quantizer = makeQuantizer(info, params, "test.step", m_kind,
                                             methodGrid(info, params, m_kind, bits, true), 1);
        std::vector<float> x = sampleValues(QuantizerKind::Weight);
        for (float& v : x)
            v = std::clamp(v, -1.0f, 1.0f); // as after HardTanh
        if (quantizer->wantsToObserve())
            quantizer->observe(x);
        QVERIFY(quantizer->isInitialised());
        const std::vector<float> u = divided(x, quantizer->codeStep()), q = codesOf(*quantizer, u);
        usesItsGrid(*quantizer, q, bits);
        QCOMPARE_GT(std::set<float>(q.begin(), q.end()).size(), std::size_t(1));
        givesFiniteGradients(*quantizer, u, q);
    }

    void farValuesStayOnTheGrid_data() { keepsTheContract_data(); }

    void farValuesStayOnTheGrid()
    {
        QFETCH(std::string, id);
        QFETCH(int, bits);
        QFETCH(bool, isWeight);
        m_kind = isWeight ? QuantizerKind::Weight : QuantizerKind::Activation;
        m_bits = bits;
        const auto quantizer = make(id);
        quantizer->fixStep(1);
        const float infinity = std::numeric_limits<float>::infinity();
        const std::vector<float> u
            = {-infinity, -1e30f, -1e6f, -0.0f, 0, 1e-40f, 1e6f, 1e30f, infinity};
        const std::vector<float> q = codesOf(*quantizer, u);
        usesItsGrid(*quantizer, q, bits);
        std::vector<float> g(u.size(), 1);
        quantizer->backward(std::span(u).subspan(1, u.size() - 2),
                            std::span(q).subspan(1, u.size() - 2),
                            std::span(g).subspan(1, u.size() - 2));
        QVERIFY(std::ranges::all_of(g, [](float v) { return std::isfinite(v); }));
    }

    void describesItself_data()
    {
        QTest::addColumn<std::string>("id");
        for (const MethodInfo& info : methods())
            QTest::addRow("%s", info.id.c_str()) << info.id;
    }

    void describesItself()
    {
        QFETCH(std::string, id);
        const MethodInfo& info = method(id);
        QCOMPARE(info.id, id);
        QVERIFY(!info.title.empty());
        QVERIFY(!info.help.empty());
        QVERIFY(!info.quantizes() || !info.source.empty());
        QCOMPARE_LE(info.weightBits.least, info.weightBits.most);
        QCOMPARE_LE(info.activationBits.least, info.activationBits.most);
        std::set<std::string> names;
        for (const ParamSpec& param : info.params)
            QVERIFY2(names.insert(param.name).second, param.name.c_str());
    }

    void idsAreUnique()
    {
        std::set<std::string> ids;
        for (const MethodInfo& info : methods())
            QVERIFY2(ids.insert(info.id).second, info.id.c_str());
    }

    void unknownIdIsRefusedNamingTheNearest()
    {
        const QString text = errorText([] { method("lqs"); });
        VERIFY_CONTAINS(text, "unknown method 'lqs'");
        VERIFY_CONTAINS(text, "did you mean 'lsq'?");
        VERIFY_CONTAINS(errorText([] { method("min-max"); }), "did you mean 'minmax'?");
    }

private:
    std::unique_ptr<Quantizer> make(const std::string& id) const
    {
        return methodQuantizer(method(id), m_kind, m_bits);
    }

    /// Values after the weights' transform, if there is one.
    static std::vector<float> seenBy(const Quantizer& quantizer, const std::vector<float>& x)
    {
        if (!quantizer.transform())
            return x;
        Tensor seen({1, 1, 1, int(x.size())});
        quantizer.transform()->apply(weightsOf(x), seen);
        return {seen.values().begin(), seen.values().end()};
    }

    static void usesItsGrid(const Quantizer& quantizer, const std::vector<float>& q, int bits)
    {
        const std::set<float> levels(q.begin(), q.end());
        QCOMPARE_LE(levels.size(), std::size_t(1) << bits);
        for (const float code : levels) {
            QCOMPARE(code, std::nearbyint(code));
            QCOMPARE_GE(code, float(quantizer.grid().qn));
            QCOMPARE_LE(code, float(quantizer.grid().qp));
            QVERIFY(quantizer.grid().has(int(code)));
        }
    }

    /// What has been quantized is its own code, through the very arithmetic of training.
    static void codesAreFixedPoints(const Quantizer& quantizer, const std::vector<float>& q)
    {
        if (quantizer.isProjected() || quantizer.rule().kind == HardRule::Kind::Ceil)
            return; // a level's value is not where its cell begins or ends
        const float step = quantizer.step();
        const float inverse = 1 / step;
        std::vector<float> u;
        for (const float code : q) {
            const float x = step * code;
            u.push_back(x * inverse);
        }
        QVERIFY(codesOf(quantizer, u) == q);
    }

    void givesFiniteGradients(Quantizer& quantizer, const std::vector<float>& u,
                              const std::vector<float>& q) const
    {
        Random random(2, RandomUse::Test);
        std::vector<float> g;
        for (std::size_t i = 0; i < u.size(); ++i)
            g.push_back(random.normal());
        const double partial = quantizer.stepPartial(g, u, q);
        QVERIFY(std::isfinite(partial));
        if (quantizer.isLearned()) {
            quantizer.finishStep(0, partial, std::int64_t(u.size()));
            const float gradient = quantizer.parameter().gradient.data()[0];
            QVERIFY(std::isfinite(gradient));
            // A probed step keeps still where it is best, whatever the task says.
            QVERIFY(gradient != 0 || partial == 0);
        }
        quantizer.backward(u, q, g);
        QVERIFY(std::ranges::all_of(g, [](float v) { return std::isfinite(v); }));
        QVERIFY(std::ranges::any_of(g, [](float v) { return v != 0; }));
    }

    void repeatsItself(const std::string& id, const Quantizer& first, const std::vector<float>& x,
                       const std::vector<float>& q) const
    {
        const auto second = make(id);
        second->observe(x);
        QCOMPARE(second->step(), first.step());
        QVERIFY(codesOf(*second, divided(x, second->codeStep())) == q);
    }

    void survivesACheckpoint(const std::string& id, const Quantizer& before,
                             const std::vector<float>& u, const std::vector<float>& q) const
    {
        const QString file = QDir(m_folder.path()).filePath("step.safetensors");
        Checkpoint written;
        written.add(before.name(), before.parameter().value);
        written.write(file.toStdString());
        const Checkpoint read = Checkpoint::read(file.toStdString());
        const auto after = make(id);
        std::ranges::copy(read.tensor(before.name(), {1, 1, 1, 1}).values(),
                          after->parameter().value.data());
        after->setInitialised(true);
        QCOMPARE(after->step(), before.step());
        QVERIFY(codesOf(*after, u) == q);
    }

    QuantizerKind m_kind = QuantizerKind::Weight;
    int m_bits = 8;
    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestMethods)
#include "tst_methods.moc"
