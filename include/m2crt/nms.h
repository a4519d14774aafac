// Non-maximum suppression: the boxes of each class that overlap no better one.
#pragma once

#include <algorithm>

#include "m2crt/vec.h"

namespace m2crt {

/// The intersection of two boxes over their union; 0 where one is empty. Boxes are corners in any order, (y, x, y, x),
/// or with `center` (x, y, width, height).
inline float box_overlap(const float* a, const float* b, bool center) {
  struct range {
    float low, high;
  };
  auto side = [center](const float* box, idx i) -> range {
    if (center) return {box[i] - box[i + 2] / 2, box[i] + box[i + 2] / 2};
    return {std::min(box[i], box[i + 2]), std::max(box[i], box[i + 2])};
  };
  float common = 1, area_a = 1, area_b = 1;
  for (idx i = 0; i < 2; ++i) {
    range p = side(a, i), q = side(b, i);
    common *= std::max(std::min(p.high, q.high) - std::max(p.low, q.low), 0.0f);
    area_a *= p.high - p.low;
    area_b *= q.high - q.low;
  }
  float both = area_a + area_b - common;
  return area_a > 0 && area_b > 0 && both > 0 ? common / both : 0;
}

/// selected[rows, 3] gets (batch, class, box) of each box that is kept, by batch, class and falling score: at most
/// `most` of a class, of a score above the threshold, and with no better one kept whose overlap exceeds `overlap`.
/// `count` is their number; equal scores stay in order. boxes [batch, boxes, 4], scores [batch, classes, boxes];
/// `order` is scratch.
///   S: batch, classes, boxes, rows, center; all but center may be members
template <class S>
inline void non_max_suppression_sized(const S& s, const float* boxes, const float* scores, const std::int64_t* most,
                                      const float* overlap, const float* threshold, std::int64_t* selected,
                                      std::int64_t* count, std::int64_t* order) {
  idx rows = 0;
  for (idx batch = 0; batch < s.batch; ++batch)
    for (idx c = 0; c < s.classes; ++c) {
      const float* score = scores + (batch * s.classes + c) * s.boxes;
      const float* box = boxes + batch * s.boxes * 4;
      idx candidates = 0;
      for (idx i = 0; i < s.boxes; ++i)
        if (score[i] > *threshold) order[candidates++] = i;
      std::sort(order, order + candidates,
                [score](std::int64_t a, std::int64_t b) { return score[a] != score[b] ? score[a] > score[b] : a < b; });
      const idx first = rows;
      for (idx n = 0; n < candidates && rows - first < *most && rows < s.rows; ++n) {
        bool kept = true;
        for (idx r = first; r < rows && kept; ++r)
          kept = !(box_overlap(box + order[n] * 4, box + selected[r * 3 + 2] * 4, S::center != 0) > *overlap);
        if (!kept) continue;
        selected[rows * 3] = batch;
        selected[rows * 3 + 1] = c;
        selected[rows * 3 + 2] = order[n];
        ++rows;
      }
    }
  *count = rows;
}
template <class S>
inline void non_max_suppression(const float* boxes, const float* scores, const std::int64_t* most, const float* overlap,
                                const float* threshold, std::int64_t* selected, std::int64_t* count,
                                std::int64_t* order) {
  non_max_suppression_sized(S{}, boxes, scores, most, overlap, threshold, selected, count, order);
}

}  // namespace m2crt
