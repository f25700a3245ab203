// Body of AddRmsNorm and of what is fused with it: a workgroup owns one row. Include after the local size is declared, with HELD_ID as held_row.glsl wants it.
// Bindings 0 to 4 and push constants: add_rms_norm.comp. NORMED_ACCESS: how a is used, writeonly where it is not read again.
#include "held_row.glsl"

layout(set = 0, binding = 0, std430) buffer X { vec4 x[]; };
layout(set = 0, binding = 1, std430) readonly buffer Y { vec4 y[]; };
layout(set = 0, binding = 2, std430) readonly buffer PostWeight { vec4 postWeight[]; };
layout(set = 0, binding = 3, std430) readonly buffer NextWeight { vec4 nextWeight[]; };
layout(set = 0, binding = 4, std430) NORMED_ACCESS buffer A { vec4 a[]; };
layout(push_constant) uniform Push { uint T; uint D; float Eps; float LayerScale; };

// A column of a row whose end or beginning is no whole vector.
#define AT(buffer_, column) buffer_[(column) / 4u][(column) % 4u]

// Row t, whose a stays in registers too; all invocations of the workgroup must call it.
// Everything is read before the first sum is waited for: a trip to memory takes longer than all the arithmetic here. What is added to
// a product is written as one step, so that all modules with this body round alike: some compilers join the two, or not, by what stands around them.
void add_rms_norm_held(uint t, out vec4 normed[HELD])
{
    uint vectors = D / 4u;
    uint row = t * vectors;
    vec4 before[HELD], post[HELD], next[HELD];
    [[unroll]] for (uint i = 0; i < HELD; i++)
    {
        uint c = held_column(i);
        bool inside = c < vectors;
        normed[i] = inside ? y[row + c] : vec4(0.0);
        before[i] = inside ? x[row + c] : vec4(0.0);
        post[i] = inside ? postWeight[c] : vec4(0.0);
        next[i] = inside ? nextWeight[c] : vec4(0.0);
    }

    // 1 RmsNorm(y, postWeight): its sum of squares.
    precise float inverse = 1.0 / sqrt(fma(held_squares(normed), 1.0 / float(D), Eps));

    // 2 x = (x + normed) * scale, and the sum of squares of the new x.
    [[unroll]] for (uint i = 0; i < HELD; i++)
    {
        uint c = held_column(i);
        precise vec4 sum = fma(normed[i] * inverse, post[i], before[i]) * LayerScale;
        before[i] = sum;
        if (c < vectors) x[row + c] = before[i];
    }

    precise float inverseOfNext = 1.0 / sqrt(fma(held_squares(before), 1.0 / float(D), Eps));

    // 3 a = RmsNorm(x, nextWeight).
    [[unroll]] for (uint i = 0; i < HELD; i++)
    {
        uint c = held_column(i);
        precise vec4 scaled = before[i] * inverseOfNext * next[i];
        normed[i] = scaled;
        if (c < vectors) a[row + c] = normed[i];
    }
}

// Row t, of any width; all invocations of the workgroup must call it.
void add_rms_norm_wide(uint t)
{
    uint row = t * D;

    // 1 RmsNorm(y, postWeight): its sum of squares.
    float sum = 0.0;
    for (uint d = gl_LocalInvocationID.x; d < D; d += gl_WorkGroupSize.x) sum = fma(AT(y, row + d), AT(y, row + d), sum);
    float inverse = 1.0 / sqrt(workgroup_sum(sum) / float(D) + Eps);

    // 2 x = (x + normed) * scale, and the sum of squares of the new x.
    sum = 0.0;
    for (uint d = gl_LocalInvocationID.x; d < D; d += gl_WorkGroupSize.x)
    {
        float next = (AT(x, row + d) + AT(y, row + d) * inverse * AT(postWeight, d)) * LayerScale;
        AT(x, row + d) = next;
        sum = fma(next, next, sum);
    }

    inverse = 1.0 / sqrt(workgroup_sum(sum) / float(D) + Eps);

    // 3 a = RmsNorm(x, nextWeight). Each invocation reads back only columns it wrote.
    for (uint d = gl_LocalInvocationID.x; d < D; d += gl_WorkGroupSize.x) AT(a, row + d) = AT(x, row + d) * inverse * AT(nextWeight, d);
}
