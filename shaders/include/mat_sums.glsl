// Statements of the bodies of products: acc[Rows][Cols], what a lane's groups of columns add to a tile of weight rows n0 on and rows t0 on of x.
// Needs: Rows, Cols, Ahead; N, K, T, First; groups, n0, t0; what mat_group.glsl or weights.glsl declares. Rows beyond the edge repeat the last one.
// Ahead is how many rounds of weights are on their way before the first is used: a trip to memory then costs one wait and not so many. Products
// are added round by round whatever it is, so it changes no bit. With 0, for drivers that compute on the CPU, it is one round, and a lane
// takes 32 columns of float rows in a row rather than eight: two orders of sums, of which a device has one.
        const uint Rounds = Ahead == 0u ? 1u : Ahead;
        uint lane = gl_SubgroupInvocationID;
        uint lanes = gl_SubgroupSize;
        float acc[Rows][Cols];
        [[unroll]] for (uint r = 0; r < Rows; r++)
            [[unroll]] for (uint c = 0; c < Cols; c++) acc[r][c] = 0.0;

#ifdef ACT_I8
        [[dont_unroll]] for (uint g0 = lane; g0 < groups; g0 += Rounds * lanes)
        {
            // Of groups beyond the last, the last one is read, and not used.
            GroupWords words[Rounds][Rows];
            uvec4 xLow[Rounds], xHigh[Rounds]; // of the first row of x, which may be the only one
            vec2 xUnit[Rounds];
            [[unroll]] for (uint i = 0; i < Rounds; i++)
            {
                uint g = Rounds == 1u ? g0 : min(g0 + i * lanes, groups - 1u);
                [[unroll]] for (uint r = 0; r < Rows; r++) words[i][r] = words_of(min(n0 + r, N - 1u) * groups + g);
                uint at = (First + t0) * groups + g;
                xLow[i] = x[2u * at];
                xHigh[i] = x[2u * at + 1u];
                xUnit[i] = unit_of(at);
            }

            [[unroll]] for (uint i = 0; i < Rounds; i++)
            {
                uint g = g0 + i * lanes;
                if (Rounds == 1u || g < groups)
                {
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
        const uint Owned = Ahead == 0u ? 4u : 1u; // eights of columns that a lane takes in a row
        uint eights = K / 8u;
        uint step = Owned * lanes;
        [[dont_unroll]] for (uint j0 = Owned * lane; j0 < eights; j0 += Rounds * step)
        {
            float scale[Rounds][Rows];
            [[unroll]] for (uint i = 0; i < Rounds; i++)
                [[unroll]] for (uint r = 0; r < Rows; r++) scale[i][r] = group_scale(min(n0 + r, N - 1u), (Rounds == 1u ? j0 : min(j0 + i * step, eights - 1u)) / 4u, K);
            [[dont_unroll]] for (uint first = j0; first < j0 + Owned; first++)
            {
                EightWords words[Rounds][Rows];
                [[unroll]] for (uint i = 0; i < Rounds; i++)
                    [[unroll]] for (uint r = 0; r < Rows; r++)
                        words[i][r] = words_of(min(n0 + r, N - 1u), Rounds == 1u ? first : min(first + i * step, eights - 1u), K);
                [[unroll]] for (uint i = 0; i < Rounds; i++)
                {
                    uint j = first + i * step;
                    if (Rounds == 1u || j < eights)
                    {
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
