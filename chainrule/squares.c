/* Sums over float32 tensors that lie anywhere in memory: squares of many in one call, or what one comes to.

   A tensor is read once, in chunks: a chunk's squares are summed in float32, in lanes that a compiler makes
   vectors of, and the chunks in double. A chunk that may have lost squares to underflow, or overflows, is summed again
   in double. What is known of a tensor is added to the sum of its row. */

#include <stdint.h>
#include <string.h>

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT
#endif

#define CHUNK 1024
#define LANES 32
#define TINY 1e-26f
#define LARGE 1e38f

static double in_doubles(const float *values, int64_t count)
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

static double of_chunk(const float *values, int64_t count)
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

static double of_change(const float *values, const float *before, int64_t count)
{
    float change[CHUNK];
    for (int64_t i = 0; i < count; i++)
        change[i] = values[i] - before[i];
    return of_chunk(change, count);
}

/* The sums of each row's squares: of the tensors themselves (copies NULL), and copied, or of what became of copies. */
static void add(int64_t count, const float *const *tensors, float *const *copies, const int64_t *sizes,
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

EXPORT void sums(int64_t count, const float *const *tensors, const int64_t *sizes, const int64_t *rows, int64_t length,
                 double *out)
{
    add(count, tensors, NULL, sizes, rows, length, out, 0);
}

EXPORT void keep(int64_t count, const float *const *tensors, float *const *copies, const int64_t *sizes,
                 const int64_t *rows, int64_t length, double *out)
{
    add(count, tensors, copies, sizes, rows, length, out, 0);
}

EXPORT void change(int64_t count, const float *const *tensors, float *const *copies, const int64_t *sizes,
                   const int64_t *rows, int64_t length, double *out)
{
    add(count, tensors, copies, sizes, rows, length, out, 1);
}

/* The sum of numbers, that of their squares, and how many are 0: read once. */
EXPORT void moments(const float *values, int64_t count, double *out)
{
    double sum = 0, squares = 0;
    int64_t zeros = 0;
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
        for (int lane = 0; lane < LANES; lane++) {
            sum += of_sum[lane];
            squares += of_squares[lane];
            zeros += of_zeros[lane];
        }
    }
    out[0] = sum;
    out[1] = squares;
    out[2] = (double)zeros;
}

/* Python's own linker scripts ask for it; nothing imports this file, it is opened by ctypes. */
EXPORT void *PyInit__squares(void) { return NULL; }
