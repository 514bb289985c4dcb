#include "core/nn/stage_plan.h"

#include "core/base/assert.h"
#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/names.h"
#include "core/nn/join_groups.h"

#include <algorithm>

namespace stair {

namespace {

Activation activationOf(Op op)
{
    switch (op) {
    case Op::Relu:
        return Activation::relu();
    case Op::Relu6:
        return Activation::relu6();
    case Op::HardTanh:
        return Activation::hardTanh();
    default:
        return Activation::none();
    }
}

/// First walk: which nodes form a stage. Sources and skips are stages; their views follow later.
class Grouping
{
public:
    Grouping(const Graph& graph, ResidualPolicy residual)
        : m_graph(graph)
        , m_sharesJoins(residual == ResidualPolicy::Shared)
        , m_stageOf(graph.nodes().size(), -1)
    {
        for (int id = 0; id < int(graph.nodes().size()); ++id)
            m_stageOf[std::size_t(id)] = place(id);
    }

    /// The stages, each after those it reads.
    std::vector<Stage> take();

private:
    const Node& node(int id) const { return m_graph.node(id); }
    Stage& stage(int id) { return m_stages[std::size_t(id)]; }
    int stageOf(int id) const { return m_stageOf[std::size_t(id)]; }

    /// Whether a node can still be added to the stage that ends with node `id`.
    bool isOpen(int id)
    {
        const Stage& s = stage(stageOf(id));
        return s.hasEpilogue() && s.compute != Compute::Image && s.outputName == node(id).name
            && s.activation == Activation::none() && m_graph.readers(id).size() == 1;
    }

    int open(const Node& n, Compute compute, int input)
    {
        Stage s;
        s.name = s.outputName = n.name;
        s.compute = compute;
        s.source.stage = input < 0 ? -1 : stageOf(input);
        s.computed = s.output = n.shape;
        m_stages.push_back(s);
        return int(m_stages.size()) - 1;
    }

    int extend(int input, const Node& n)
    {
        Stage& s = stage(stageOf(input));
        s.outputName = n.name;
        s.output = n.shape;
        return stageOf(input);
    }

    int place(int id);
    int placePool(int id);
    int placeNorm(const Node& n);
    int placeAdd(const Node& n);
    int placeSum(const Node& n);
    int placeMove(const Node& n, const Move& move);
    int placeConcat(const Node& n);

    const Graph& m_graph;
    bool m_sharesJoins; // also in float, so that stages stay when quantization begins
    std::vector<int> m_stageOf;
    std::vector<Stage> m_stages;
};

std::vector<Stage> Grouping::take()
{
    std::vector<int> newId(m_stages.size(), -1);
    std::vector<Stage> sorted;
    const auto isPlaced = [&newId](const Reading& reading) {
        return newId[std::size_t(reading.stage)] >= 0;
    };
    while (sorted.size() < m_stages.size()) {
        const std::size_t before = sorted.size();
        for (std::size_t i = 0; i < m_stages.size() && sorted.size() == before; ++i) {
            if (newId[i] >= 0 || !std::ranges::all_of(m_stages[i].readings(), isPlaced))
                continue;
            newId[i] = int(sorted.size());
            sorted.push_back(m_stages[i]);
        }
        require(sorted.size() > before, "a graph has no cycles");
    }
    for (Stage& s : sorted) {
        if (s.source.stage >= 0)
            s.source.stage = newId[std::size_t(s.source.stage)];
        for (Reading& part : s.parts)
            part.stage = newId[std::size_t(part.stage)];
        if (s.skip)
            s.skip->stage = newId[std::size_t(s.skip->stage)];
    }
    return sorted;
}

int Grouping::place(int id)
{
    const Node& n = node(id);
    const int input = n.inputs.empty() ? -1 : n.inputs.front();
    switch (n.op) {
    case Op::Input:
        return open(n, Compute::Image, -1);
    case Op::Conv:
    case Op::Linear: {
        const int at = open(n, Compute::Conv, input);
        stage(at).conv = n.conv;
        stage(at).hasBias = n.bias;
        return at;
    }
    case Op::BatchNorm:
        return placeNorm(n);
    case Op::Add:
        return placeAdd(n);
    case Op::Relu:
    case Op::Relu6:
    case Op::HardTanh: {
        const int at = isOpen(input) ? extend(input, n) : open(n, Compute::Copy, input);
        stage(at).activation = activationOf(n.op);
        return at;
    }
    case Op::MaxPool:
        return placePool(id);
    case Op::AvgPool:
    case Op::GlobalAvgPool:
        return placeSum(n);
    case Op::PadShortcut:
        return placeMove(n, n.shortcut);
    case Op::Slice:
        return placeMove(n, n.slice);
    case Op::ChannelShuffle:
        return placeMove(n, n.shuffle);
    case Op::Concat:
        return placeConcat(n);
    }
    throw InternalError("a graph's node of unknown kind");
}

/// A maximum between a layer and its batch norm acts on the accumulators (NUMERICS 3).
int Grouping::placePool(int id)
{
    const Node& n = node(id);
    const int input = n.inputs.front();
    const std::vector<int> readers = m_graph.readers(id);
    const bool beforeNorm = readers.size() == 1 && node(readers.front()).op == Op::BatchNorm;
    if (beforeNorm && isOpen(input)) {
        Stage& s = stage(stageOf(input));
        if (s.compute == Compute::Conv && s.normName.empty() && !s.skip && !s.hasBias
            && !s.poolBefore) {
            s.poolBefore = n.pool;
            return extend(input, n);
        }
    }
    return placeMove(n, n.pool);
}

int Grouping::placeMove(const Node& n, const Move& move)
{
    const int at = open(n, Compute::Move, n.inputs.front());
    stage(at).move = move;
    return at;
}

int Grouping::placeConcat(const Node& n)
{
    const int at = open(n, Compute::Concat, -1);
    for (const int input : n.inputs)
        stage(at).parts.push_back({stageOf(input), 0});
    return at;
}

int Grouping::placeNorm(const Node& n)
{
    const int input = n.inputs.front();
    const bool fits
        = isOpen(input) && stage(stageOf(input)).normName.empty() && !stage(stageOf(input)).skip;
    const int at = fits ? extend(input, n) : open(n, Compute::Copy, input);
    stage(at).normName = n.name;
    return at;
}

/// The main branch takes the join into its own epilogue, unless its sum is one of codes; where it was
/// written down before the skip, the order is put right afterwards.
int Grouping::placeAdd(const Node& n)
{
    const int main = n.inputs.at(0);
    const int skip = n.inputs.at(1);
    if (m_sharesJoins) {
        const int at = open(n, Compute::Add, -1);
        stage(at).parts = {{stageOf(main), 0}, {stageOf(skip), 0}};
        return at;
    }
    const bool fits = isOpen(main) && !stage(stageOf(main)).skip;
    const int at = fits ? extend(main, n) : open(n, Compute::Copy, main);
    stage(at).skip = Reading{stageOf(skip), 0};
    return at;
}

int Grouping::placeSum(const Node& n)
{
    const int input = n.inputs.front();
    const int at = open(n, Compute::SumPool, input);
    const Shape& from = node(input).shape;
    stage(at).sum = n.op == Op::GlobalAvgPool
        ? SumWindow{from.h, from.w, 1}
        : SumWindow{n.pool.kernel, n.pool.kernel, n.pool.stride, n.pool.pad};
    return at;
}

/// Second walk: what each reader wants, by the layer policies.
class Viewing
{
public:
    Viewing(std::vector<Stage>& stages, const QuantSpec& quant)
        : m_stages(stages)
        , m_quant(quant)
        , m_auxiliary(auxiliaryOutput(stages))
    {
    }

    void run()
    {
        checkPatterns();
        setSigns();
        setGroups();
        for (int i = 1; i < int(m_stages.size()); ++i)
            setReadings(i);
        m_stages.back().views = {View{}}; // the logits
        if (m_auxiliary >= 0)
            stage(m_auxiliary).views = {View{}};
    }

private:
    struct Widths
    {
        int input = floatBits;
        int weight = floatBits;
    };

    Stage& stage(int id) { return m_stages[std::size_t(id)]; }

    void setSigns()
    {
        for (Stage& s : m_stages) {
            if (s.activation.isNonNegative())
                s.isSigned = false;
            else if (keepsSigns(s))
                s.isSigned = std::ranges::any_of(
                    s.readings(), [this](const Reading& r) { return stage(r.stage).isSigned; });
            else
                s.isSigned = true;
        }
    }

    static bool keepsSigns(const Stage& s)
    {
        const bool isPlain = s.normName.empty() && !s.skip;
        return !s.hasEpilogue()
            || (isPlain
                && (s.compute == Compute::SumPool || s.compute == Compute::Concat
                    || s.compute == Compute::Add));
    }

    /// A group's grid has a sign where one of its tensors has.
    void setGroups()
    {
        m_groups = joinGroups(m_stages);
        m_groupIsSigned.assign(m_stages.size(), false);
        for (std::size_t i = 0; i < m_stages.size(); ++i) {
            if (m_groups[i] >= 0 && m_stages[i].isSigned)
                m_groupIsSigned[std::size_t(m_groups[i])] = true;
        }
    }

    bool isLast(int id) const { return id == int(m_stages.size()) - 1 || id == m_auxiliary; }

    Widths widthsOf(int id)
    {
        if (m_quant.isFloat())
            return {};
        Widths widths = policyWidths(id);
        for (const LayerBits& layer : m_quant.layers) {
            if (!matches(stage(id).name, layer.match))
                continue;
            if (layer.weightBits)
                widths.weight = layer.weightBits;
            if (layer.activationBits && !isFirst(id))
                widths.input = layer.activationBits;
        }
        return widths;
    }

    Widths policyWidths(int id)
    {
        const bool first = isFirst(id);
        const EndPolicy policy = first ? m_quant.first
            : isLast(id)               ? m_quant.last
                                       : EndPolicy::Same;
        switch (policy) {
        case EndPolicy::Bits8:
            return {8, 8};
        case EndPolicy::Float:
            return {};
        case EndPolicy::Same:
            break;
        }
        // The image stays at 8 bits: fewer would be another data set.
        return {first ? 8 : m_quant.activationBits, m_quant.weightBits};
    }

    /// A pattern that names no layer is a slip of the pen.
    void checkPatterns()
    {
        std::vector<std::string> names;
        for (const Stage& s : m_stages) {
            if (s.compute == Compute::Conv)
                names.push_back(s.name);
        }
        for (const LayerBits& layer : m_quant.layers) {
            if (std::ranges::none_of(names, [&layer](const std::string& name) {
                    return matches(name, layer.match);
                }))
                throw Error(concat("quant.layers: no layer matches '", layer.match,
                                   "'; the nearest is '", nearestName(layer.match, names),
                                   "'. `stair summary` lists them"));
        }
    }

    bool isFirst(int id) { return stage(stage(id).source.stage).compute == Compute::Image; }

    /// Sums, joins and concats carry 8-bit codes, unless the spec says float.
    int joinBits() const
    {
        return m_quant.isFloat() || m_quant.residual == ResidualPolicy::Float ? floatBits : 8;
    }

    int sumBits(int id)
    {
        const bool beforeFloat = id + 2 == int(m_stages.size()) && m_quant.last == EndPolicy::Float;
        return m_quant.isFloat() || beforeFloat ? floatBits : 8;
    }

    void setReadings(int id)
    {
        switch (stage(id).compute) {
        case Compute::Conv: {
            const Widths widths = widthsOf(id);
            stage(id).weightBits = widths.weight;
            stage(id).source.view = request(stage(id).source.stage, widths.input);
            break;
        }
        case Compute::SumPool:
            stage(id).source.view = request(stage(id).source.stage, sumBits(id));
            break;
        case Compute::Copy:
            stage(id).source.view = request(stage(id).source.stage, joinBits());
            break;
        case Compute::Concat:
        case Compute::Add:
            for (Reading& part : stage(id).parts)
                part.view = request(part.stage, joinBits());
            break;
        default:
            break; // a move has what its readers ask for
        }
        if (stage(id).skip)
            stage(id).skip->view = request(stage(id).skip->stage, joinBits());
    }

    /// The view of `id` with this width, made when it is not there yet.
    int request(int id, int bits)
    {
        View view;
        view.bits = bits;
        if (!view.isFloat() && bits == joinBits())
            view.group = m_groups[std::size_t(id)];
        if (!view.isFloat())
            view.grid = stage(id).compute == Compute::Image
                ? Grid::uniform(bits, true)
                : activationGrid(m_quant, bits,
                                 view.group >= 0 ? m_groupIsSigned[std::size_t(view.group)]
                                                 : stage(id).isSigned);
        if (!stage(id).hasEpilogue())
            view.movedFrom = request(stage(id).source.stage, bits);
        std::vector<View>& views = stage(id).views;
        for (std::size_t i = 0; i < views.size(); ++i) {
            if (views[i].bits == bits)
                return int(i);
        }
        views.push_back(view);
        return int(views.size()) - 1;
    }

    std::vector<Stage>& m_stages;
    const QuantSpec& m_quant;
    int m_auxiliary;
    std::vector<int> m_groups; // of the joins that share a quantizer, by stage
    std::vector<bool> m_groupIsSigned; // by group
};

void markAuxiliary(std::vector<Stage>& stages)
{
    std::vector<bool> reachesLogits(stages.size(), false);
    reachesLogits.back() = true;
    for (std::size_t id = stages.size(); id-- > 0;) {
        stages[id].isAuxiliary = !reachesLogits[id];
        for (const Reading& reading : stages[id].readings()) {
            if (reachesLogits[id])
                reachesLogits[std::size_t(reading.stage)] = true;
        }
    }
}

} // namespace

int auxiliaryOutput(const std::vector<Stage>& stages)
{
    int last = -1;
    for (std::size_t id = 0; id < stages.size(); ++id) {
        if (stages[id].isAuxiliary)
            last = int(id);
    }
    return last;
}

std::vector<Reading> Stage::readings() const
{
    std::vector<Reading> all = parts;
    if (source.stage >= 0)
        all.push_back(source);
    if (skip)
        all.push_back(*skip);
    return all;
}

std::vector<Stage> planStages(const Graph& graph, const QuantSpec& quant)
{
    std::vector<Stage> stages = Grouping(graph, quant.residual).take();
    markAuxiliary(stages);
    require((auxiliaryOutput(stages) >= 0) == graph.auxiliary().has_value(),
            "every node reaches the logits or belongs to the auxiliary head");
    Viewing(stages, quant).run();
    return stages;
}

} // namespace stair
