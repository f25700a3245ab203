#version 450
// data[i] += add: reads and writes in place, so that a lost barrier or a lost run shows.
layout(local_size_x = 64) in;
layout(push_constant) uniform Push { uint count; uint add; };
layout(set = 0, binding = 0, std430) buffer Data { uint data[]; };
void main() {
    if (gl_GlobalInvocationID.x < count)
        data[gl_GlobalInvocationID.x] += add;
}
