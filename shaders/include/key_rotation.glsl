// Turning values into keys, as src/GemmaVk.Kernels/KeysFromValues.cs does: its tables, and a pair of vectors of the head.
// Needs: HEAD, the head's width; Pairs of the push constants. Defines bindings 8 to 10.
const uint STEP = 512u; // KeysFromValues.Step
layout(set = 0, binding = 8, std430) readonly buffer Norm { vec4 norm[]; };
layout(set = 0, binding = 9, std430) readonly buffer Coarse { vec4 coarse[]; };
layout(set = 0, binding = 10, std430) readonly buffer Fine { vec4 fine[]; };

// Columns of position j from 4 c4 on, below Pairs, and their partners half a head further on.
void rotate_pair(uint j, uint c4, inout vec4 a, inout vec4 b)
{
    uint from = j / STEP * (Pairs / 2u) + c4;
    uint at = j % STEP * (Pairs / 2u) + c4;
    vec4 fromCos = coarse[from], fromSin = coarse[from + Pairs / 4u];
    vec4 atCos = fine[at], atSin = fine[at + Pairs / 4u];
    vec4 cosine = fromCos * atCos - fromSin * atSin;
    vec4 sine = fromSin * atCos + fromCos * atSin;
    vec4 x = a * norm[c4];
    vec4 y = b * norm[c4 + HEAD / 8u];
    a = x * cosine - y * sine;
    b = y * cosine + x * sine;
}

// What a query's columns from 4 c4 on are multiplied with: the norm's weight where a pair does not rotate.
vec4 query_weight(uint c4) { return c4 % (HEAD / 8u) < Pairs / 4u ? vec4(1.0) : norm[c4]; }
