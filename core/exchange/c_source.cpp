#include "core/exchange/c_source.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/exchange/c_arena.h"
#include "core/exchange/c_proof.h"
#include "core/lower/fixed_point.h"
#include "core/ops/integer/thresholds.h"

#include <c_template.h> // made of c_template.c: cTemplate

#include <algorithm>
#include <limits>
#include <set>
#include <sstream>

namespace stair {

namespace {

constexpr std::int64_t mostSum = std::numeric_limits<std::int32_t>::max() - 1;

std::string shapeText(const Shape& s)
{
    return concat("{", s.h, ", ", s.w, ", ", s.c, "}");
}

/// The text as a C string literal.
std::string quoted(const std::string& text)
{
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            result += '\\';
        result += c == '\n' ? ' ' : c;
    }
    return result + "\"";
}

/// The template's functions that a program uses.
class Sections
{
public:
    void use(const std::string& name) { m_used.insert(name); }

    /// In the template's order.
    std::string text() const
    {
        std::string result;
        std::istringstream lines(cTemplate);
        bool isUsed = false;
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with("//! "))
                isUsed = m_used.contains(line.substr(4));
            else if (isUsed)
                result += line + "\n";
        }
        return result;
    }

private:
    std::set<std::string> m_used;
};

class Source
{
public:
    Source(const ShippedModel& model, CEpilogue epilogue)
        : m_model(model)
        , m_program(model.program)
        , m_epilogue(epilogue)
        , m_arena(model.program)
    {
    }

    std::string run()
    {
        m_sections.use("types");
        addImage();
        for (std::size_t i = 0; i < m_program.instructions.size(); ++i)
            addInstruction(i);
        const std::string body
            = m_sections.text() + "\n" + m_tables.str() + runFunction() + mainFunction();
        const bool fixed = m_epilogue == CEpilogue::FixedPoint;
        const std::string all = declarations() + body;
        return sealC(head() + cProofComment(m_model, fixed ? "c" : "c-thresholds", proof(), all)
                     + all);
    }

private:
    const ProgramValue& value(int id) const { return m_program.values[std::size_t(id)]; }
    std::string at(int id) const { return concat("st_values + ", m_arena.offset(id)); }

    /// Adds a table and returns its name. C knows no empty one: a 0 stands in it, which nobody reads.
    template<typename Values>
    std::string table(const char* type, const std::string& name, const Values& values)
    {
        if (values.empty())
            return table(type, name, std::vector<int>{0});
        m_tables << "static const " << type << " " << name << "[" << values.size() << "] = {";
        std::size_t column = 80;
        for (const auto value : values) {
            const std::string text = concat(std::int64_t(value), ",");
            column += text.size() + 1;
            if (column > 96) {
                m_tables << "\n   ";
                column = text.size() + 4;
            }
            m_tables << " " << text;
        }
        m_tables << "\n};\n";
        return name;
    }

    void see(int id, const std::string& from)
    {
        m_run << "    ST_SEE(" << from << ", " << value(id).shape.withImages(1).size() << ");\n";
    }

    void startLayer(std::size_t number, const std::string& name)
    {
        const std::string mark = cLayerMark(number, name);
        m_tables << mark;
        m_run << "    " << mark;
    }

    void addImage()
    {
        startLayer(0, "image");
        for (const int id : m_program.imageValues) {
            std::vector<int> codes;
            for (const std::uint8_t code : m_program.imageCodes)
                codes.push_back(value(id).grid.isSigned ? int(std::int8_t(code)) : int(code));
            const std::string name = table("int16_t", "st_image_codes", codes);
            const int channels = m_program.image.c;
            m_run << "    for (i = 0; i < ST_IMAGE; ++i)\n        (" << at(id) << ")[i] = " << name
                  << "[i % " << channels << " * 256 + image[i]];\n";
            see(id, at(id));
        }
    }

    void addInstruction(std::size_t number)
    {
        const Instruction& in = m_program.instructions[number];
        startLayer(number + 1, in.name);
        if (in.compute == Compute::Move) {
            for (std::size_t i = 0; i < in.sources.size(); ++i)
                addMove(in, in.sources[i], in.outputs[i]);
            return;
        }
        addSums(in, number);
        Shape shape = in.computed;
        m_accumulators = std::max(m_accumulators, shape.withImages(1).size());
        if (in.poolBefore) {
            m_sections.use("window");
            m_sections.use("pool_sums");
            const PoolGeometry& g = *in.poolBefore;
            const Shape pooled = g.outputShape(shape.withImages(1));
            call("st_pool_sums", concat(g.kernel, ", ", g.stride, ", ", g.pad), shape, pooled, "");
            m_pooled = std::max(m_pooled, pooled.size());
            m_accumulators = std::max(m_accumulators, pooled.size()); // they go back there
            shape = pooled;
        }
        for (std::size_t i = 0; i < in.outputs.size(); ++i)
            addOutput(in, number, i, shape);
    }

    /// function(first, source shape, result shape, rest): shapes as local constants of a block.
    void call(const char* function, const std::string& first, const Shape& src, const Shape& dst,
              const std::string& rest)
    {
        m_run << "    {\n        static const st_shape src = " << shapeText(src)
              << ", dst = " << shapeText(dst) << ";\n        " << function << "(" << first
              << ", src, dst" << (rest.empty() ? "" : ", ") << rest << ");\n    }\n";
    }

    void addSums(const Instruction& in, std::size_t number)
    {
        const int source = in.sources.front();
        const Shape from = value(source).shape;
        switch (in.compute) {
        case Compute::Conv: {
            m_sections.use("conv");
            const ConvGeometry& g = in.conv;
            std::vector<int> weights;
            for (std::int64_t i = 0; i < in.weightCodes.size(); ++i)
                weights.push_back(in.weightCodes.at(i));
            const std::string name = table("int8_t", concat("st_w", number), weights);
            m_tables << "static const st_conv st_g" << number << " = {" << g.inC << ", " << g.outC
                     << ", " << g.kernelH << ", " << g.kernelW << ", " << g.stride << ", "
                     << g.dilation << ", " << g.padTop << ", " << g.padLeft << ", " << g.groups
                     << "};\n";
            call("st_convolve", concat("&st_g", number), g.seenShape(from), in.computed,
                 concat(at(source), ", ", name));
            return;
        }
        case Compute::SumPool:
            m_sections.use("window");
            m_sections.use("sum");
            call(
                "st_sum",
                concat(in.sum.kernelH, ", ", in.sum.kernelW, ", ", in.sum.stride, ", ", in.sum.pad),
                from, in.computed, at(source));
            return;
        case Compute::Add:
            addCodes(in);
            return;
        default:
            break;
        }
        m_sections.use("part");
        int first = 0;
        for (const int part : in.sources) {
            const Shape& s = value(part).shape;
            m_run << "    {\n        static const st_shape src = " << shapeText(s)
                  << ";\n        st_part(src, " << first << ", " << in.computed.c << ", "
                  << at(part) << ");\n    }\n";
            first += s.c;
        }
    }

    void addCodes(const Instruction& in)
    {
        m_sections.use("add");
        const std::int64_t count = in.computed.withImages(1).size();
        for (std::size_t i = 0; i < in.sources.size(); ++i)
            m_run << "    st_add(" << count << ", " << (i == 0 ? 1 : 0) << ", " << at(in.sources[i])
                  << ");\n";
    }

    void addOutput(const Instruction& in, std::size_t number, std::size_t index, const Shape& shape)
    {
        const int id = in.outputs[index];
        const EpilogueOutput& output = in.epilogue.outputs[index];
        const std::string suffix = concat(number, "_", index);
        m_run << "    {\n        static const st_shape dst = " << shapeText(shape) << ";\n        ";
        if (id == m_program.logits) {
            m_sections.use("logits");
            m_run << "st_logit_values(&" << fixedTable(in, index, suffix) << ", dst, st_logits);\n"
                  << "    }\n    ST_SEE(st_logits, ST_CLASSES);\n";
            return;
        }
        if (m_epilogue == CEpilogue::Thresholds) {
            compareWith(in, output, suffix, id);
        } else {
            const std::string fixed = fixedTable(in, index, suffix);
            const std::string skip = in.skip >= 0 ? at(in.skip) : "0";
            if (output.rule.kind == HardRule::Kind::Thresholds)
                encodeByTable(in, index, suffix, fixed, skip, id);
            else
                m_run << "st_encode(&" << fixed << ", " << rule(output.rule.kind) << ", dst, "
                      << skip << ", " << at(id) << ");\n";
        }
        m_run << "    }\n";
        see(id, at(id));
    }

    std::string fixedTable(const Instruction& in, std::size_t index, const std::string& suffix)
    {
        m_sections.use("fixed");
        const FixedOutput fixed = fixedOutput(m_program, in, index);
        const EpilogueOutput& output = in.epilogue.outputs[index];
        const std::string m = table("int32_t", "st_m" + suffix, fixed.m);
        const std::string skip
            = fixed.skipM.empty() ? "0" : table("int32_t", "st_s" + suffix, fixed.skipM);
        const std::string b = table("int64_t", "st_b" + suffix, fixed.b);
        const std::string shift = table("uint8_t", "st_r" + suffix, fixed.shift);
        const std::string name = "st_e" + suffix;
        m_tables << "static const st_fixed " << name << " = {" << m << ", " << skip << ", " << b
                 << ", " << shift << ", " << output.low << ", " << output.high << "};\n";
        return name;
    }

    std::string rule(HardRule::Kind kind)
    {
        m_sections.use("encode");
        if (kind != HardRule::Kind::Sign)
            m_sections.use("shift");
        switch (kind) {
        case HardRule::Kind::NearestEven:
            m_sections.use("rule_nearest_even");
            return "st_nearest_even";
        case HardRule::Kind::Ceil:
            m_sections.use("rule_ceil");
            return "st_ceil";
        case HardRule::Kind::Sign:
            m_sections.use("rule_sign");
            return "st_sign";
        default:
            m_sections.use("rule_nearest_odd");
            return "st_nearest_odd";
        }
    }

    void encodeByTable(const Instruction& in, std::size_t index, const std::string& suffix,
                       const std::string& fixed, const std::string& skip, int id)
    {
        m_sections.use("encode_table");
        const FixedOutput own = fixedOutput(m_program, in, index);
        const HardRule& rule = in.epilogue.outputs[index].rule;
        std::vector<std::int64_t> thresholds;
        for (const auto& channel : own.thresholds)
            thresholds.insert(thresholds.end(), channel.begin(), channel.end());
        const std::string values = table("int64_t", "st_t" + suffix, thresholds);
        const std::string codes = table("int16_t", "st_c" + suffix, rule.codes);
        m_run << "st_encode_table(&" << fixed << ", " << values << ", " << codes << ", "
              << rule.thresholds.size() << ", dst, " << skip << ", " << at(id) << ");\n";
    }

    void compareWith(const Instruction& in, const EpilogueOutput& output, const std::string& suffix,
                     int id)
    {
        m_sections.use("compare");
        const std::int64_t bound = accumulatorBound(m_program, in);
        std::vector<std::int64_t> all;
        std::vector<int> falls, levels;
        for (std::size_t c = 0; c < output.m.size(); ++c) {
            const ChannelThresholds own = thresholds(output.m[c], output.b[c], output.rule,
                                                     output.low, output.high, -bound, bound);
            all.insert(all.end(), own.at.begin(), own.at.end());
            falls.push_back(own.descending ? 1 : 0);
            levels = own.levels;
        }
        const std::string values = table("int32_t", "st_t" + suffix, all);
        const std::string directions = table("uint8_t", "st_f" + suffix, falls);
        const std::string codes = table("int16_t", "st_c" + suffix, levels);
        m_run << "st_compare(" << values << ", " << directions << ", " << codes << ", "
              << levels.size() - 1 << ", dst, " << at(id) << ");\n";
    }

    void addMove(const Instruction& in, int from, int to)
    {
        const Shape src = value(from).shape, dst = value(to).shape;
        const std::string rest = at(from) + ", " + at(to);
        if (const auto* pool = std::get_if<PoolGeometry>(&in.move)) {
            m_sections.use("window");
            m_sections.use("pool_codes");
            call("st_pool_codes", concat(pool->kernel, ", ", pool->stride, ", ", pool->pad), src,
                 dst, rest);
        } else if (const auto* shortcut = std::get_if<ShortcutGeometry>(&in.move)) {
            m_sections.use("pad_shortcut");
            call("st_pad_shortcut", concat(shortcut->stride), src, dst, rest);
        } else if (const auto* slice = std::get_if<SliceGeometry>(&in.move)) {
            m_sections.use("slice");
            call("st_slice", concat(slice->first), src, dst, rest);
        } else {
            m_sections.use("shuffle");
            m_run << "    {\n        static const st_shape src = " << shapeText(src)
                  << ";\n        st_shuffle(" << std::get<ShuffleGeometry>(in.move).groups
                  << ", src, " << rest << ");\n    }\n";
        }
        see(to, at(to));
    }

    /// Of the integers that the file computes; where the model does not tell them, of its layers alone.
    Proof proof() const
    {
        if (m_epilogue == CEpilogue::FixedPoint && !m_model.fixedProof.layers.empty())
            return m_model.fixedProof;
        Proof proof = m_model.proof;
        for (std::size_t i = 0; i < proof.layers.size(); ++i) {
            const bool givesLogits
                = i > 0 && value(m_program.instructions[i - 1].outputs.front()).isFloat;
            if (m_epilogue == CEpilogue::FixedPoint || givesLogits)
                proof.layers[i].values.assign(proof.layers[i].values.size(), std::string());
        }
        return proof;
    }

    std::string head() const
    {
        std::ostringstream out;
        out << "/* Made by Staircase: a quantized network in integers alone.\n"
            << "   Program " << programHash(m_model.proof) << ", step " << m_model.origin.step
            << ", data " << m_model.origin.dataHash.substr(0, 16) << ". " << weightsText()
            << "\n   cc -std=c99 -O3 FILE.c -o classify; ./classify IMAGES */\n";
        return out.str();
    }

    std::string declarations() const
    {
        std::ostringstream out;
        out << "#include <stddef.h>\n#include <stdint.h>\n#include <stdio.h>\n#include "
               "<string.h>\n\n"
            << "#define ST_IMAGE " << m_program.image.withImages(1).size()
            << "\n#define ST_CLASSES " << value(m_program.logits).shape.c << "\n\n#ifdef ST_TRACE\n"
            << "#define ST_SEE(values, count) fwrite(values, sizeof *(values), count, stdout)\n"
            << "#else\n#define ST_SEE(values, count) ((void)0)\n#endif\n\n"
            << "int st_classify(const uint8_t *image);\nvoid st_run(const uint8_t *image);\n\n"
            << "static int16_t st_values[" << m_arena.size() << "];\nstatic int32_t st_acc["
            << m_accumulators << "];\n";
        if (m_pooled > 0)
            out << "static int32_t st_pooled[" << m_pooled << "];\n";
        out << "int64_t st_logits[ST_CLASSES];\n\n";
        return out.str();
    }

    std::string weightsText() const
    {
        return m_epilogue == CEpilogue::Thresholds
            ? "Thresholds: the codes of the float program, exactly."
            : "Fixed point: each layer at most one level from the float program's.";
    }

    std::string runFunction() const
    {
        return "\n/* Fills st_logits. */\nvoid st_run(const uint8_t *image)\n{\n    int i;\n"
            + m_run.str() + "}\n";
    }

    /// Names of the classes, and what the template ends with.
    std::string mainFunction() const
    {
        std::ostringstream out;
        out << "\n#if !defined ST_NO_MAIN && !defined ST_TRACE\nstatic const char *const "
               "st_names[ST_CLASSES] = {";
        const auto& names = m_model.origin.classNames;
        for (int c = 0; c < value(m_program.logits).shape.c; ++c)
            out << (c > 0 ? ", " : "")
                << quoted(std::size_t(c) < names.size() ? names[std::size_t(c)] : "");
        out << "};\n#endif\n\n";
        Sections last;
        last.use("main");
        return out.str() + last.text();
    }

    const ShippedModel& m_model;
    const Program& m_program;
    CEpilogue m_epilogue;
    CArena m_arena;
    Sections m_sections;
    std::ostringstream m_tables;
    std::ostringstream m_run;
    std::int64_t m_accumulators = 1;
    std::int64_t m_pooled = 0;
};

} // namespace

std::string cRefusal(const Program& program, CEpilogue epilogue)
{
    if (const std::string refusal = fixedPointRefusal(program); !refusal.empty())
        return refusal;
    for (const Instruction& in : program.instructions) {
        if (in.compute == Compute::Move)
            continue;
        if (epilogue == CEpilogue::Thresholds && in.skip >= 0)
            return concat(
                "layer ", in.name,
                " joins two branches, which thresholds cannot; use the fixed point, or train "
                "with quant.residual shared");
        if (accumulatorBound(program, in) > mostSum)
            return concat("layer ", in.name, " may have sums beyond 32 bits");
    }
    return {};
}

std::string encodeC(const ShippedModel& model, CEpilogue epilogue)
{
    if (const std::string refusal = cRefusal(model.program, epilogue); !refusal.empty())
        throw Error(concat("this model cannot become C: ", refusal));
    return Source(model, epilogue).run();
}

} // namespace stair
