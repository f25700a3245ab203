// Statements of the bodies of products: acc[Rows][Cols], what a lane's columns add to a tile of weight rows n0 on and rows t0 on of x.
// Needs: Rows, Cols, Ahead, what mat_split.glsl declares; N, K, T, First; groups, n0, t0; what mat_group.glsl or weights.glsl declares. Rows beyond
// the edge repeat the last one. Where subgroups share a tile, all of a workgroup come here, and the one with share 0 has the sums.
//
// The order of sums: in a round each lane takes a group of 32 columns, or eight columns of float rows. A lane adds its rounds one after the other;
// with pieces, rounds p R / 4 on, rounded up, of R are piece p, each is added up from zero, and the four are added in their order. Then the lanes meet.
// Ahead is how many rounds of weights are on their way before the first is used: a trip to memory then costs one wait and not so many. It changes
// no bit, nor does Split beyond whether it is 0. With Ahead 0, for drivers that compute on the CPU, it is one round, and a lane takes 32 columns
// of float rows in a row rather than eight. A device has one of these orders for a matrix.
        const uint Rounds = Ahead == 0u ? 1u : Ahead;
        uint lane = gl_SubgroupInvocationID;
        uint lanes = gl_SubgroupSize;
        float acc[Rows][Cols], before[Rows][Cols]; // a piece, and those before it
        [[unroll]] for (uint r = 0; r < Rows; r++)
            [[unroll]] for (uint c = 0; c < Cols; c++) acc[r][c] = before[r][c] = 0.0;

#ifdef ACT_I8
        uint items = groups; // what a lane takes one of in a round
        uint step = lanes;
#else
        const uint Owned = Ahead == 0u ? 4u : 1u; // eights of columns that a lane takes in a row
        uint items = K / 8u;
        uint step = Owned * lanes;
#endif
        // This subgroup's rounds, the end of its items, and four times the round with which its second piece begins.
        uint rounds = (items + step - 1u) / step;
        uint share = share_index();
        uint round = (share * rounds + Shares - 1u) / Shares;
        uint end = Shares == 1u ? items : min(items, ((share + 1u) * rounds + Shares - 1u) / Shares * step);
        uint border = (share * Own + 1u) * rounds;
#define BEGIN_ROUND(i) \
        if (Own > 1u && 4u * (i) >= border) \
        { \
            [[unroll]] for (uint r = 0; r < Rows; r++) \
            { \
                [[unroll]] for (uint c = 0; c < Cols; c++) \
                { \
                    precise float sum = before[r][c] + acc[r][c]; \
                    before[r][c] = sum; \
                    acc[r][c] = 0.0; \
                } \
            } \
            border += rounds; \
        }

#ifdef ACT_I8
        [[dont_unroll]] for (uint g0 = round * lanes + lane; g0 < end; g0 += Rounds * lanes, round += Rounds)
        {
            // Of groups beyond the last, the last one is read, and not used.
            GroupWords words[Rounds][Rows];
            uvec4 xLow[Rounds], xHigh[Rounds]; // of the first row of x, which may be the only one
            vec2 xUnit[Rounds];
            [[unroll]] for (uint i = 0; i < Rounds; i++)
            {
                uint g = Rounds == 1u ? g0 : min(g0 + i * lanes, end - 1u);
                [[unroll]] for (uint r = 0; r < Rows; r++) words[i][r] = words_of(min(n0 + r, N - 1u) * groups + g);
                uint at = (First + t0) * groups + g;
                xLow[i] = x[2u * at];
                xHigh[i] = x[2u * at + 1u];
                xUnit[i] = unit_of(at);
            }

            [[unroll]] for (uint i = 0; i < Rounds; i++)
            {
                uint g = g0 + i * lanes;
                if (Rounds == 1u || g < end)
                {
                    BEGIN_ROUND(round + i)
                    uvec4 low[Rows], high[Rows];
                    GROUP_SCALE scale[Rows];
                    [[unroll]] for (uint r = 0; r < Rows; r++) scale[r] = group_of(words[i][r], min(n0 + r, N - 1u) * groups + g, low[r], high[r]);
                    [[unroll]] for (uint c = 0; c < Cols; c++)
                    {
                        uint at = (First + min(t0 + c, T - 1u)) * groups + g;
                        uvec4 ownLow = c == 0u ? xLow[i] : x[2u * at];
                        uvec4 ownHigh = c == 0u ? xHigh[i] : x[2u * at + 1u];
                        vec2 unit = c == 0u ? xUnit[i] : unit_of(at);
                        ivec2 offsets = offsets_of(ownLow, ownHigh);
                        [[unroll]] for (uint r = 0; r < Rows; r++) acc[r][c] = add_group(acc[r][c], scale[r], low[r], high[r], ownLow, ownHigh, unit, offsets);
                    }
                }
            }
        }
#else
        [[dont_unroll]] for (uint j0 = round * step + Owned * lane; j0 < end; j0 += Rounds * step, round += Rounds)
        {
            float scale[Rounds][Rows];
            [[unroll]] for (uint i = 0; i < Rounds; i++)
                [[unroll]] for (uint r = 0; r < Rows; r++) scale[i][r] = group_scale(min(n0 + r, N - 1u), (Rounds == 1u ? j0 : min(j0 + i * step, end - 1u)) / 4u, K);
            [[dont_unroll]] for (uint first = j0; first < j0 + Owned; first++)
            {
                EightWords words[Rounds][Rows];
                [[unroll]] for (uint i = 0; i < Rounds; i++)
                    [[unroll]] for (uint r = 0; r < Rows; r++)
                        words[i][r] = words_of(min(n0 + r, N - 1u), Rounds == 1u ? first : min(first + i * step, end - 1u), K);
                [[unroll]] for (uint i = 0; i < Rounds; i++)
                {
                    uint j = first + i * step;
                    if (Rounds == 1u || j < end)
                    {
                        BEGIN_ROUND(round + i)
                        vec4 a[Rows], b[Rows];
                        [[unroll]] for (uint r = 0; r < Rows; r++)
                        {
                            eight_of(words[i][r], j, a[r], b[r]);
                            a[r] *= scale[i][r];
                            b[r] *= scale[i][r];
                        }

                        [[unroll]] for (uint c = 0; c < Cols; c++)
                        {
                            uint at = (First + min(t0 + c, T - 1u)) * (K / 4u) + 2u * j;
                            vec4 xA = x[at];
                            vec4 xB = x[at + 1u];
                            [[unroll]] for (uint r = 0; r < Rows; r++)
                            {
                                precise float value = fma(a[r].x, xA.x, fma(a[r].y, xA.y, fma(a[r].z, xA.z, fma(a[r].w, xA.w, acc[r][c]))));
                                value = fma(b[r].x, xB.x, fma(b[r].y, xB.y, fma(b[r].z, xB.z, fma(b[r].w, xB.w, value))));
                                acc[r][c] = value;
                            }
                        }
                    }
                }
            }
        }
#endif

        if (Pieces > 1u)
        {
#ifndef WHOLE_TILES
            uint place = tile_index() * (Pieces - Own) * Rows * Cols * gl_SubgroupSize + gl_SubgroupInvocationID;
            if (Shares > 1u)
            {
                barrier(); // sums of the tile before are read
                if (share > 0u)
                {
                    // Its last piece is in acc, and of two the first one in before.
                    [[unroll]] for (uint r = 0; r < Rows; r++)
                    {
                        [[unroll]] for (uint c = 0; c < Cols; c++)
                        {
                            uint at = place + (((share * Own - Own) * Rows + r) * Cols + c) * gl_SubgroupSize;
                            if (Own > 1u) others[at] = before[r][c];
                            others[at + (Own - 1u) * Rows * Cols * gl_SubgroupSize] = acc[r][c];
                        }
                    }
                }

                barrier(); // all pieces are there before they are added
            }
#endif

            [[unroll]] for (uint r = 0; r < Rows; r++)
            {
                [[unroll]] for (uint c = 0; c < Cols; c++)
                {
                    precise float total = before[r][c] + acc[r][c];
#ifndef WHOLE_TILES
                    [[unroll]] for (uint p = 0; p < Pieces - Own; p++) total += others[place + ((p * Rows + r) * Cols + c) * gl_SubgroupSize];
#endif
                    acc[r][c] = total;
                }
            }
        }
