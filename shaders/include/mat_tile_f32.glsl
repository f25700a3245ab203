// Body of MatMul on GPUs, for float rows: a workgroup owns a tile of 16 * Rows weight rows times 16 * Cols activation rows.
//
// Bindings        as in include/mat_rows.glsl, and so are the push constants
// Specialization  0 LocalSize: 256    1 Rows: weight rows of an invocation, 1 to 8    2 Cols: activation rows of one, 1 to 4
// Mapping         16 x 16 invocations; one owns Rows x Cols sums, weight rows 16 apart, so that neighbours store to neighbours
// Dispatch        x = ceil(T / (16 * Cols)); y = ceil(N / (16 * Rows)), fewer are right too: workgroups stride
// Assumptions     K is a multiple of 32; 27 KiB of shared memory at most, 18 for 4 x 4
// Why             as include/mat_tile.glsl: a weight is decoded once for 16 * Cols rows, and a load from shared memory feeds Rows or Cols
//                 products. All is F32: where units compute in halves a sum of thousands would lose half of its digits. A row of
//                 shared memory is nine vectors long where eight are used, so that neighbours touch different banks.
//                 A sum goes through the columns in their order: a row gets the same bits for every Rows, Cols, T and place.
#include "mat_interface.glsl"
#define DATA_BINDING 0
#define SCALE_BINDING 1
#include "weights.glsl"
layout(set = 0, binding = 2, std430) readonly buffer X { vec4 x[]; };

const uint Side = 16u;   // invocations along each side of the tile
const uint Stride = 9u;  // vectors of a row in shared memory: eight for 32 columns, and one for the banks

shared vec4 wTile[Side * Rows * Stride];
shared vec4 xTile[Side * Cols * Stride];

void main()
{
    uint id = gl_LocalInvocationID.x;
    uint lane = id % Side;
    uint line = id / Side;
    uint t0 = gl_WorkGroupID.x * Side * Cols;
    for (uint n0 = gl_WorkGroupID.y * Side * Rows; n0 < N; n0 += gl_NumWorkGroups.y * Side * Rows)
    {
        float acc[Rows][Cols];
        [[unroll]] for (uint r = 0; r < Rows; r++)
            [[unroll]] for (uint c = 0; c < Cols; c++) acc[r][c] = 0.0;

        // What an invocation reads: eight columns of one row in 64.
        uint part = id & 3u;
        uint row = id >> 2;
        vec4 wNext[2u * ((Rows + 3u) / 4u)], xNext[2u * ((Cols + 3u) / 4u)];

        [[dont_unroll]] for (uint g = 0u; g <= K / 32u; g++)
        {
            // 1 What was read in the last round goes to shared memory, once its predecessor has been used by all.
            if (g > 0u)
            {
                barrier(); // products read the tile
                [[unroll]] for (uint i = 0; i < (Rows + 3u) / 4u; i++)
                {
                    uint at = row + i * 64u;
                    if (at < Side * Rows)
                    {
                        wTile[at * Stride + 2u * part] = wNext[2u * i];
                        wTile[at * Stride + 2u * part + 1u] = wNext[2u * i + 1u];
                    }
                }

                [[unroll]] for (uint i = 0; i < (Cols + 3u) / 4u; i++)
                {
                    uint at = row + i * 64u;
                    if (at < Side * Cols)
                    {
                        xTile[at * Stride + 2u * part] = xNext[2u * i];
                        xTile[at * Stride + 2u * part + 1u] = xNext[2u * i + 1u];
                    }
                }

                barrier(); // the tile is written
            }

            // 2 The next columns are on their way while the products run. Rows beyond the edge repeat the last one and are not stored.
            if (g < K / 32u)
            {
                [[unroll]] for (uint i = 0; i < (Rows + 3u) / 4u; i++)
                {
                    uint n = min(n0 + row + i * 64u, N - 1u);
                    vec4 a, b;
                    weights8(n, 4u * g + part, K, a, b);
                    float scale = group_scale(n, g, K);
                    wNext[2u * i] = a * scale;
                    wNext[2u * i + 1u] = b * scale;
                }

                [[unroll]] for (uint i = 0; i < (Cols + 3u) / 4u; i++)
                {
                    uint from = (First + min(t0 + row + i * 64u, T - 1u)) * (K / 4u) + 8u * g + 2u * part;
                    xNext[2u * i] = x[from];
                    xNext[2u * i + 1u] = x[from + 1u];
                }
            }

            // 3 Products of the tile in shared memory.
            if (g > 0u)
            {
                [[dont_unroll]] for (uint k = 0u; k < 8u; k++)
                {
                    vec4 b[Cols];
                    [[unroll]] for (uint c = 0; c < Cols; c++) b[c] = xTile[(line + c * Side) * Stride + k];
                    [[unroll]] for (uint r = 0; r < Rows; r++)
                    {
                        vec4 a = wTile[(lane + r * Side) * Stride + k];
                        [[unroll]] for (uint c = 0; c < Cols; c++)
                        {
                            precise float value = fma(a.w, b[c].w, fma(a.z, b[c].z, fma(a.y, b[c].y, fma(a.x, b[c].x, acc[r][c]))));
                            acc[r][c] = value;
                        }
                    }
                }
            }
        }

        [[unroll]] for (uint r = 0; r < Rows; r++)
        {
            [[unroll]] for (uint c = 0; c < Cols; c++)
            {
                uint n = n0 + lane + r * Side;
                uint t = t0 + line + c * Side;
                if (n < N && t < T) y[t * OutStride + OutFirst + n] = acc[r][c];
            }
        }

        barrier(); // the last products of this tile are done before the next one is written
    }
}
