//! types
typedef struct {
    int h, w, c;
} st_shape;

typedef struct {
    int in_c, out_c, kernel_h, kernel_w, stride, dilation, pad_top, pad_left, groups;
} st_conv;

//! window
static int st_min(int a, int b)
{
    return a < b ? a : b;
}

static int st_max(int a, int b)
{
    return a > b ? a : b;
}

//! conv
/* Sums of products; what lies outside the image is 0. */
static void st_convolve(const st_conv *g, st_shape src, st_shape dst, const int16_t *x,
                        const int8_t *w)
{
    const int in_c = g->in_c / g->groups, out_c = g->out_c / g->groups;
    int y, u, o, ky, kx, i;
    for (y = 0; y < dst.h; ++y)
        for (u = 0; u < dst.w; ++u)
            for (o = 0; o < g->out_c; ++o) {
                int32_t sum = 0;
                for (ky = 0; ky < g->kernel_h; ++ky) {
                    const int sy = y * g->stride - g->pad_top + ky * g->dilation;
                    if (sy < 0 || sy >= src.h)
                        continue;
                    for (kx = 0; kx < g->kernel_w; ++kx) {
                        const int sx = u * g->stride - g->pad_left + kx * g->dilation;
                        const int16_t *a;
                        const int8_t *b;
                        if (sx < 0 || sx >= src.w)
                            continue;
                        a = x + ((size_t)sy * src.w + sx) * src.c + (size_t)(o / out_c) * in_c;
                        b = w + (((size_t)o * g->kernel_h + ky) * g->kernel_w + kx) * in_c;
                        for (i = 0; i < in_c; ++i)
                            sum += (int32_t)a[i] * b[i];
                    }
                }
                st_acc[((size_t)y * dst.w + u) * dst.c + o] = sum;
            }
}

//! sum
/* Sums over windows, channel by channel; what lies outside the image is 0. */
static void st_sum(int kernel_h, int kernel_w, int stride, int pad, st_shape src, st_shape dst,
                   const int16_t *x)
{
    int y, u, c, sy, sx;
    for (y = 0; y < dst.h; ++y)
        for (u = 0; u < dst.w; ++u)
            for (c = 0; c < dst.c; ++c) {
                const int top = y * stride - pad, left = u * stride - pad;
                int32_t sum = 0;
                for (sy = st_max(0, top); sy < st_min(src.h, top + kernel_h); ++sy)
                    for (sx = st_max(0, left); sx < st_min(src.w, left + kernel_w); ++sx)
                        sum += x[((size_t)sy * src.w + sx) * src.c + c];
                st_acc[((size_t)y * dst.w + u) * dst.c + c] = sum;
            }
}

//! part
/* Some channels of the accumulators: the codes themselves. */
static void st_part(st_shape src, int first, int channels, const int16_t *x)
{
    size_t i;
    int c;
    for (i = 0; i < (size_t)src.h * src.w; ++i)
        for (c = 0; c < src.c; ++c)
            st_acc[i * channels + first + c] = x[i * src.c + c];
}

//! add
/* The codes join the accumulators, which begin with the first ones. */
static void st_add(size_t count, int begins, const int16_t *x)
{
    size_t i;
    for (i = 0; i < count; ++i)
        st_acc[i] = begins ? x[i] : st_acc[i] + x[i];
}

//! pool_sums
/* The accumulators' maxima over windows, in their place: padding may make them more than those. */
static void st_pool_sums(int kernel, int stride, int pad, st_shape src, st_shape dst)
{
    int y, u, c, sy, sx;
    for (y = 0; y < dst.h; ++y)
        for (u = 0; u < dst.w; ++u)
            for (c = 0; c < dst.c; ++c) {
                const int top = y * stride - pad, left = u * stride - pad;
                int32_t most = INT32_MIN;
                for (sy = st_max(0, top); sy < st_min(src.h, top + kernel); ++sy)
                    for (sx = st_max(0, left); sx < st_min(src.w, left + kernel); ++sx) {
                        const int32_t v = st_acc[((size_t)sy * src.w + sx) * src.c + c];
                        most = v > most ? v : most;
                    }
                st_pooled[((size_t)y * dst.w + u) * dst.c + c] = most;
            }
    memcpy(st_acc, st_pooled, (size_t)dst.h * dst.w * dst.c * sizeof st_acc[0]);
}

//! pool_codes
static void st_pool_codes(int kernel, int stride, int pad, st_shape src, st_shape dst,
                          const int16_t *x, int16_t *to)
{
    int y, u, c, sy, sx;
    for (y = 0; y < dst.h; ++y)
        for (u = 0; u < dst.w; ++u)
            for (c = 0; c < dst.c; ++c) {
                const int top = y * stride - pad, left = u * stride - pad;
                int16_t most = INT16_MIN;
                for (sy = st_max(0, top); sy < st_min(src.h, top + kernel); ++sy)
                    for (sx = st_max(0, left); sx < st_min(src.w, left + kernel); ++sx) {
                        const int16_t v = x[((size_t)sy * src.w + sx) * src.c + c];
                        most = v > most ? v : most;
                    }
                to[((size_t)y * dst.w + u) * dst.c + c] = most;
            }
}

//! pad_shortcut
/* Every stride-th pixel of every stride-th row, further channels 0. */
static void st_pad_shortcut(int stride, st_shape src, st_shape dst, const int16_t *x, int16_t *to)
{
    int y, u, c;
    for (y = 0; y < dst.h; ++y)
        for (u = 0; u < dst.w; ++u)
            for (c = 0; c < dst.c; ++c)
                to[((size_t)y * dst.w + u) * dst.c + c]
                    = c < src.c ? x[((size_t)y * stride * src.w + (size_t)u * stride) * src.c + c]
                                : 0;
}

//! slice
static void st_slice(int first, st_shape src, st_shape dst, const int16_t *x, int16_t *to)
{
    size_t i;
    int c;
    for (i = 0; i < (size_t)src.h * src.w; ++i)
        for (c = 0; c < dst.c; ++c)
            to[i * dst.c + c] = x[i * src.c + first + c];
}

//! shuffle
/* The groups' first channels, then their second ones. */
static void st_shuffle(int groups, st_shape src, const int16_t *x, int16_t *to)
{
    const int each = src.c / groups;
    size_t i;
    int c;
    for (i = 0; i < (size_t)src.h * src.w; ++i)
        for (c = 0; c < src.c; ++c)
            to[i * src.c + c] = x[i * src.c + (c % groups) * each + c / groups];
}

//! shift
/* The largest whole number that is at most v / 2^s. */
static int64_t st_floor_shift(int64_t v, int s)
{
    return v >= 0 ? (int64_t)((uint64_t)v >> s) : -1 - (int64_t)((uint64_t)(-1 - v) >> s);
}

//! rule_nearest_even
static int64_t st_nearest_even(int64_t v, int s)
{
    int64_t whole, rest, half;
    if (s == 0)
        return v;
    whole = st_floor_shift(v, s);
    rest = v - whole * ((int64_t)1 << s);
    half = (int64_t)1 << (s - 1);
    return whole + (rest > half || (rest == half && whole % 2 != 0) ? 1 : 0);
}

//! rule_ceil
static int64_t st_ceil(int64_t v, int s)
{
    return -st_floor_shift(-v, s);
}

//! rule_sign
static int64_t st_sign(int64_t v, int s)
{
    (void)s;
    return v < 0 ? -1 : 1;
}

//! rule_nearest_odd
static int64_t st_nearest_odd(int64_t v, int s)
{
    return 2 * st_floor_shift(v, s + 1) + 1;
}

//! fixed
/* v = acc * m + skip * skip_m + b; code = R(v / 2^shift) between low and high. */
typedef struct {
    const int32_t *m, *skip_m;
    const int64_t *b;
    const uint8_t *shift;
    int low, high;
} st_fixed;

static int64_t st_value(const st_fixed *e, size_t i, int c, const int16_t *skip)
{
    const int64_t v = (int64_t)st_acc[i] * e->m[c] + e->b[c];
    return skip ? v + (int64_t)skip[i] * e->skip_m[c] : v;
}

//! encode
static void st_encode(const st_fixed *e, int64_t (*rule)(int64_t, int), st_shape dst,
                      const int16_t *skip, int16_t *to)
{
    size_t i;
    int c;
    for (i = 0; i < (size_t)dst.h * dst.w * dst.c; ++i) {
        int64_t q;
        c = (int)(i % (size_t)dst.c);
        q = rule(st_value(e, i, c, skip), e->shift[c]);
        to[i] = (int16_t)(q < e->low ? e->low : q > e->high ? e->high : q);
    }
}

//! encode_table
/* The code behind the thresholds that v passes; `count` of them for each channel. */
static void st_encode_table(const st_fixed *e, const int64_t *thresholds, const int16_t *codes,
                            int count, st_shape dst, const int16_t *skip, int16_t *to)
{
    size_t i;
    int c, k;
    for (i = 0; i < (size_t)dst.h * dst.w * dst.c; ++i) {
        int64_t v;
        int16_t q;
        c = (int)(i % (size_t)dst.c);
        v = st_value(e, i, c, skip);
        for (k = 0; k < count && thresholds[(size_t)c * count + k] < v; ++k)
            continue;
        q = codes[k];
        to[i] = (int16_t)(q < e->low ? e->low : q > e->high ? e->high : q);
    }
}

//! logits
static void st_logit_values(const st_fixed *e, st_shape dst, int64_t *to)
{
    size_t i;
    for (i = 0; i < (size_t)dst.h * dst.w * dst.c; ++i)
        to[i] = st_value(e, i, (int)(i % (size_t)dst.c), 0);
}

//! compare
/* The level behind the thresholds that the accumulator reaches, rising or (falls) falling. */
static void st_compare(const int32_t *thresholds, const uint8_t *falls, const int16_t *levels,
                       int count, st_shape dst, int16_t *to)
{
    size_t i;
    for (i = 0; i < (size_t)dst.h * dst.w * dst.c; ++i) {
        const int c = (int)(i % (size_t)dst.c);
        const int32_t *t = thresholds + (size_t)c * count;
        const int32_t v = st_acc[i];
        int first = 0, last = count; /* how many are reached lies between */
        while (first < last) {
            const int middle = (first + last) / 2;
            if (falls[c] ? v <= t[middle] : v >= t[middle])
                first = middle + 1;
            else
                last = middle;
        }
        to[i] = levels[first];
    }
}

//! main
int st_classify(const uint8_t *image)
{
    int c, best = 0;
    st_run(image);
    for (c = 1; c < ST_CLASSES; ++c)
        if (st_logits[c] > st_logits[best])
            best = c;
    return best;
}

#ifndef ST_NO_MAIN
/* Raw images one after the other, height x width x channels bytes each; a class for each. */
int main(int argc, char **argv)
{
    static uint8_t image[ST_IMAGE];
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : 0;
    size_t size;
    if (!file) {
        fprintf(stderr, "usage: %s FILE   (raw images of %d bytes, one after the other)\n", argv[0],
                ST_IMAGE);
        return 2;
    }
    while ((size = fread(image, 1, sizeof image, file)) == sizeof image) {
        const int best = st_classify(image);
#ifndef ST_TRACE
        printf("%d %s\n", best, st_names[best]);
#else
        (void)best;
#endif
    }
    fclose(file);
    if (size != 0) {
        fprintf(stderr, "%s ends within an image\n", argv[1]);
        return 2;
    }
    return 0;
}
#endif
