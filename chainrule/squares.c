/* Sums over float32 tensors that lie anywhere in memory: squares of many in one call, or what one comes to.

   A tensor is read once, in chunks: a chunk's squares are summed in float32, in lanes that a compiler makes
   vectors of, and the chunks in double. A chunk that may have lost squares to underflow, or overflows, is summed again
   in double. What is known of a tensor is added to the sum of its row. Every sum is compiled twice, for any processor
   and for one with vectors of eight numbers; both add the same numbers in the same order. */

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT
#endif

#if defined(__GNUC__) && defined(__x86_64__)
#define INLINE static inline __attribute__((always_inline))
#define VECTORS __attribute__((target("avx2")))
#define HAS_VECTORS __builtin_cpu_supports("avx2")
#else
#define INLINE static inline
#define VECTORS
#define HAS_VECTORS 0
#endif

#define CHUNK 1024
#define LANES 32
#define TINY 1e-26f
#define LARGE 1e38f

INLINE double in_doubles(const float *values, int64_t count)
{
    double lanes[LANES] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] += (double)values[i + lane] * values[i + lane];
    for (; i < count; i++)
        sum += (double)values[i] * values[i];
    for (int lane = 0; lane < LANES; lane++)
        sum += lanes[lane];
    return sum;
}

INLINE double of_chunk(const float *values, int64_t count)
{
    float lanes[LANES] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] += values[i + lane] * values[i + lane];
    for (; i < count; i++)
        sum += values[i] * values[i];
    for (int half = LANES / 2; half; half /= 2)
        for (int lane = 0; lane < half; lane++)
            lanes[lane] += lanes[lane + half];
    sum += lanes[0];
    return sum >= TINY && sum <= LARGE ? sum : in_doubles(values, count);
}

INLINE double of_change(const float *values, const float *before, int64_t count)
{
    float change[CHUNK];
    for (int64_t i = 0; i < count; i++)
        change[i] = values[i] - before[i];
    return of_chunk(change, count);
}

/* The sums of each row's squares: of the tensors themselves (copies NULL), and copied, or of what became of copies. */
INLINE void add(int64_t count, const float *const *tensors, float *const *copies, const int64_t *sizes,
                const int64_t *rows, int64_t length, double *out, int changed)
{
    memset(out, 0, length * sizeof(double));
    for (int64_t k = 0; k < count; k++) {
        double sum = 0;
        for (int64_t start = 0; start < sizes[k]; start += CHUNK) {
            const float *values = tensors[k] + start;
            int64_t here = sizes[k] - start < CHUNK ? sizes[k] - start : CHUNK;
            if (changed) {
                sum += of_change(values, copies[k] + start, here);
                continue;
            }
            sum += of_chunk(values, here);
            if (copies)
                memcpy(copies[k] + start, values, here * sizeof(float));
        }
        out[rows[k]] += sum;
    }
}

VECTORS static void add_by_vectors(int64_t count, const float *const *tensors, float *const *copies,
                                   const int64_t *sizes, const int64_t *rows, int64_t length, double *out, int changed)
{
    add(count, tensors, copies, sizes, rows, length, out, changed);
}

static void add_somehow(int64_t count, const float *const *tensors, float *const *copies, const int64_t *sizes,
                        const int64_t *rows, int64_t length, double *out, int changed)
{
    if (HAS_VECTORS)
        add_by_vectors(count, tensors, copies, sizes, rows, length, out, changed);
    else
        add(count, tensors, copies, sizes, rows, length, out, changed);
}

EXPORT void sums(int64_t count, const float *const *tensors, const int64_t *sizes, const int64_t *rows, int64_t length,
                 double *out)
{
    add_somehow(count, tensors, NULL, sizes, rows, length, out, 0);
}

EXPORT void keep(int64_t count, const float *const *tensors, float *const *copies, const int64_t *sizes,
                 const int64_t *rows, int64_t length, double *out)
{
    add_somehow(count, tensors, copies, sizes, rows, length, out, 0);
}

EXPORT void change(int64_t count, const float *const *tensors, float *const *copies, const int64_t *sizes,
                   const int64_t *rows, int64_t length, double *out)
{
    add_somehow(count, tensors, copies, sizes, rows, length, out, 1);
}

/* Of lines that are laid out alike, each row's sums of squares: gradients, weights before a step, what it changed. */
INLINE void add_lines(int64_t rows, const int64_t *bounds, const float *gradient, const float *before,
                      const float *after, float *changes, double *out)
{
    memset(out, 0, 3 * rows * sizeof(double));
    for (int64_t row = 0; row < rows; row++)
        for (int64_t start = bounds[row]; start < bounds[row + 1]; start += CHUNK) {
            int64_t rest = bounds[row + 1] - start, here = rest < CHUNK ? rest : CHUNK;
            out[row] += of_chunk(gradient + start, here);
            out[rows + row] += of_chunk(before + start, here);
            for (int64_t i = start; i < start + here; i++)
                changes[i] = after[i] - before[i];
            out[2 * rows + row] += of_chunk(changes + start, here);
        }
}

VECTORS static void lines_by_vectors(int64_t rows, const int64_t *bounds, const float *gradient, const float *before,
                                     const float *after, float *changes, double *out)
{
    add_lines(rows, bounds, gradient, before, after, changes, out);
}

EXPORT void lines(int64_t rows, const int64_t *bounds, const float *gradient, const float *before, const float *after,
                  float *changes, double *out)
{
    if (HAS_VECTORS)
        lines_by_vectors(rows, bounds, gradient, before, after, changes, out);
    else
        add_lines(rows, bounds, gradient, before, after, changes, out);
}

/* What was added up of a tensor. */
struct moments {
    double sum, squares;
    int64_t zeros;
};

/* The sum of numbers, that of their squares, and how many are 0: read once. */
INLINE struct moments moments_of(const float *values, int64_t count)
{
    struct moments all = {0, 0, 0};
    for (int64_t start = 0; start < count; start += CHUNK) {
        const float *chunk = values + start;
        int64_t here = count - start < CHUNK ? count - start : CHUNK, i = 0;
        float of_sum[LANES] = {0}, of_squares[LANES] = {0};
        int32_t of_zeros[LANES] = {0};
        for (; i + LANES <= here; i += LANES)
            for (int lane = 0; lane < LANES; lane++) {
                float value = chunk[i + lane];
                of_sum[lane] += value;
                of_squares[lane] += value * value;
                of_zeros[lane] += value == 0;
            }
        for (; i < here; i++) {
            of_sum[0] += chunk[i];
            of_squares[0] += chunk[i] * chunk[i];
            of_zeros[0] += chunk[i] == 0;
        }
        for (int half = LANES / 2; half; half /= 2)
            for (int lane = 0; lane < half; lane++) {
                of_sum[lane] += of_sum[lane + half];
                of_squares[lane] += of_squares[lane + half];
                of_zeros[lane] += of_zeros[lane + half];
            }
        all.sum += of_sum[0];
        all.squares += of_squares[0];
        all.zeros += of_zeros[0];
    }
    return all;
}

VECTORS static struct moments moments_by_vectors(const float *values, int64_t count)
{
    return moments_of(values, count);
}

static struct moments moments_plainly(const float *values, int64_t count)
{
    return moments_of(values, count);
}

/* Mean, standard deviation and share of zeros of tensors, to three lines of `out` at each one's place. Which of them
   have lost digits, or their squares, is written to `again`; told is how many have. */
EXPORT int64_t moments(int64_t count, const float *const *tensors, const int64_t *sizes, const int64_t *places,
                       float *out, int64_t length, int64_t *again)
{
    int64_t lost = 0;
    for (int64_t k = 0; k < count; k++) {
        struct moments all = (HAS_VECTORS ? moments_by_vectors : moments_plainly)(tensors[k], sizes[k]);
        double mean = all.sum / sizes[k], variance = all.squares / sizes[k] - mean * mean;
        int known = variance > 1e-2 * mean * mean && all.squares >= TINY && all.squares <= DBL_MAX;
        if (!known && all.zeros < sizes[k])
            again[lost++] = k;
        out[places[k]] = (float)mean;
        out[length + places[k]] = (float)sqrt(known || !sizes[k] ? variance : 0); /* of no numbers NaN */
        out[2 * length + places[k]] = (float)all.zeros / sizes[k];
    }
    return lost;
}

/* How often what the functions take has changed: calling those of another number would end the process. */
EXPORT int64_t edition(void) { return 3; }

/* Python's own linker scripts ask for it; nothing imports this file, it is opened by ctypes. */
EXPORT void *PyInit__squares(void) { return NULL; }
