// Body of MatMul on GPUs, for INT8 rows: a workgroup owns a tile of 16 * Rows weight rows times 16 * Cols activation rows.
//
// Bindings        as in include/mat_rows.glsl, and so are the push constants
// Specialization  0 LocalSize: 256    1 Rows: weight rows of an invocation, 1 to 8    2 Cols: activation rows of one, 1 to 4
// Mapping         16 x 16 invocations; one owns Rows x Cols sums, weight rows 16 apart, so that neighbours store to neighbours
// Dispatch        x = ceil(T / (16 * Cols)); y = ceil(N / (16 * Rows)), fewer are right too: workgroups stride
// Assumptions     K is a multiple of 32; 27 KiB of shared memory at most, 14 for 4 x 4
// Why             A weight is read from memory once for 16 * Cols rows, and a load from shared memory feeds Rows or Cols products. What
//                 comes next is read into registers while the products run, so that memory and arithmetic overlap. A row of shared
//                 memory is five vectors long where four are used: eight invocations then touch all banks once.
//                 A sum goes through the groups in their order: a row gets the same bits for every Rows, Cols, T and place.

#include "mat_group.glsl"
#include "mat_interface.glsl"

const uint Side = 16u;   // invocations along each side of the tile
const uint Deep = 2u;    // groups of 32 columns between two barriers
const uint Stride = 5u;  // vectors of a row in shared memory: two per group, and one for the banks

shared uvec4 wTile[Side * Rows * Stride];
shared uvec4 xTile[Side * Cols * Stride];
shared GROUP_SCALE wScale[Side * Rows * Deep];
shared vec2 xScale[Side * Cols * Deep];  // as unit_of gives them

void main()
{
    uint id = gl_LocalInvocationID.x;
    uint lane = id % Side;
    uint line = id / Side;
    uint groups = K / 32u;
    uint t0 = gl_WorkGroupID.x * Side * Cols;
    for (uint n0 = gl_WorkGroupID.y * Side * Rows; n0 < N; n0 += gl_NumWorkGroups.y * Side * Rows)
    {
        float acc[Rows][Cols];
        [[unroll]] for (uint r = 0; r < Rows; r++)
            [[unroll]] for (uint c = 0; c < Cols; c++) acc[r][c] = 0.0;

        // What an invocation reads: half of a group of one row in 64.
        uint part = id & 1u;
        uint row = (id >> 1) / Deep;   // 0 .. 63
        uint deep = (id >> 1) % Deep;
        uvec4 wNext[(Rows + 3u) / 4u], xNext[(Cols + 3u) / 4u];
        GROUP_SCALE sNext[(Rows + 3u) / 4u];
        vec2 dNext[(Cols + 3u) / 4u];

        for (uint g0 = 0u; g0 < groups + Deep; g0 += Deep)
        {
            // 1 What was read in the last round goes to shared memory, once its predecessor has been used by all.
            if (g0 > 0u)
            {
                barrier(); // products read the tile
                [[unroll]] for (uint i = 0; i < (Rows + 3u) / 4u; i++)
                {
                    uint at = row + i * 64u;
                    if (at < Side * Rows)
                    {
                        wTile[at * Stride + 2u * deep + part] = wNext[i];
                        if (part == 0u) wScale[at * Deep + deep] = sNext[i];
                    }
                }

                [[unroll]] for (uint i = 0; i < (Cols + 3u) / 4u; i++)
                {
                    uint at = row + i * 64u;
                    if (at < Side * Cols)
                    {
                        xTile[at * Stride + 2u * deep + part] = xNext[i];
                        if (part == 0u) xScale[at * Deep + deep] = dNext[i];
                    }
                }

                barrier(); // the tile is written
            }

            // 2 The next groups are on their way while the products run. Rows beyond the edge repeat the last one and are not stored;
            // a group beyond the last has scales of zero.
            if (g0 < groups)
            {
                uint g = min(g0 + deep, groups - 1u);
                bool there = g0 + deep < groups;
                [[unroll]] for (uint i = 0; i < (Rows + 3u) / 4u; i++)
                {
                    uint at = min(n0 + row + i * 64u, N - 1u) * groups + g;
                    uvec4 low, high;
                    GROUP_SCALE scale = group_of(at, low, high);
                    wNext[i] = part == 0u ? low : high;
                    sNext[i] = there ? scale : GROUP_SCALE(0.0);
                }

                [[unroll]] for (uint i = 0; i < (Cols + 3u) / 4u; i++)
                {
                    uint at = (First + min(t0 + row + i * 64u, T - 1u)) * groups + g;
                    xNext[i] = x[2u * at + part];
                    vec2 unit = unit_of(at);
                    dNext[i] = there ? unit : vec2(0.0);
                }
            }

            // 3 Products of the tile in shared memory.
            if (g0 > 0u)
            {
                [[dont_unroll]] for (uint k = 0u; k < Deep; k++)
                {
                    uvec4 xLow[Cols], xHigh[Cols];
                    vec2 unit[Cols];
                    ivec2 offsets[Cols];
                    [[unroll]] for (uint c = 0; c < Cols; c++)
                    {
                        uint at = line + c * Side;
                        xLow[c] = xTile[at * Stride + 2u * k];
                        xHigh[c] = xTile[at * Stride + 2u * k + 1u];
                        unit[c] = xScale[at * Deep + k];
                        offsets[c] = offsets_of(xLow[c], xHigh[c]);
                    }

                    [[unroll]] for (uint r = 0; r < Rows; r++)
                    {
                        uint at = lane + r * Side;
                        uvec4 low = wTile[at * Stride + 2u * k];
                        uvec4 high = wTile[at * Stride + 2u * k + 1u];
                        GROUP_SCALE scale = wScale[at * Deep + k];
                        [[unroll]] for (uint c = 0; c < Cols; c++)
                            acc[r][c] = add_group(acc[r][c], scale, low, high, xLow[c], xHigh[c], unit[c], offsets[c]);
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
