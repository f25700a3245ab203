// Statements of the bodies of products: acc[Rows][Cols], what a lane's groups of columns add to a tile of weight rows n0 on and rows t0 on of x.
// Needs: Rows, Cols; N, K, T, First; groups, n0, t0; what mat_group.glsl or weights.glsl declares. Rows beyond the edge repeat the last one.
        float acc[Rows][Cols];
        [[unroll]] for (uint r = 0; r < Rows; r++)
            [[unroll]] for (uint c = 0; c < Cols; c++) acc[r][c] = 0.0;

        [[dont_unroll]] for (uint g = gl_SubgroupInvocationID; g < groups; g += gl_SubgroupSize)
        {
#ifdef ACT_I8
            uvec4 low[Rows], high[Rows];
            GROUP_SCALE scale[Rows];
            [[unroll]] for (uint r = 0; r < Rows; r++) scale[r] = group_of(min(n0 + r, N - 1u) * groups + g, low[r], high[r]);
            [[unroll]] for (uint c = 0; c < Cols; c++)
            {
                uint at = (First + min(t0 + c, T - 1u)) * groups + g;
                uvec4 xLow = x[2u * at];
                uvec4 xHigh = x[2u * at + 1u];
                vec2 unit = unit_of(at);
                ivec2 offsets = offsets_of(xLow, xHigh);
                [[unroll]] for (uint r = 0; r < Rows; r++) acc[r][c] = add_group(acc[r][c], scale[r], low[r], high[r], xLow, xHigh, unit, offsets);
            }
#else
            float scale[Rows];
            [[unroll]] for (uint r = 0; r < Rows; r++) scale[r] = group_scale(min(n0 + r, N - 1u), g, K);
            [[dont_unroll]] for (uint j = 4u * g; j < 4u * g + 4u; j++)
            {
                vec4 a[Rows], b[Rows];
                [[unroll]] for (uint r = 0; r < Rows; r++)
                {
                    weights8(min(n0 + r, N - 1u), j, K, a[r], b[r]);
                    a[r] *= scale[r];
                    b[r] *= scale[r];
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
#endif
        }
