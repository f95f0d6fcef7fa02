//! Whether samples fall into two groups.

use super::quantile;

/// Where ascending positive samples fall into two groups: the median of each, else `None`.
///
/// The cut is Otsu's (*A Threshold Selection Method from Gray-Level Histograms*, 1979) on the logarithms. It counts as two
/// modes when each side holds a tenth of the samples, the medians differ by half, and there is a valley: the middle third
/// of the way from one median to the other holds less than a twentieth.
pub fn two_modes(ascending: &[f64]) -> Option<(f64, f64)> {
    let logs: Vec<f64> = ascending.iter().filter(|x| **x > 0.0).map(|x| x.ln()).collect();
    let n = logs.len();
    if n < 20 {
        return None;
    }
    let total: f64 = logs.iter().sum();
    let mut below = 0.0;
    let mut best = (0.0, 0);
    for cut in 1..n {
        below += logs[cut - 1];
        let apart = below / cut as f64 - (total - below) / (n - cut) as f64;
        let between = cut as f64 * (n - cut) as f64 * apart * apart;
        if between > best.0 {
            best = (between, cut);
        }
    }
    let cut = best.1;
    let (low, high) = logs.split_at(cut);
    if low.len().min(high.len()) * 10 < n {
        return None;
    }
    let (fast, slow) = (quantile(low, 0.5), quantile(high, 0.5));
    let third = (slow - fast) / 3.0;
    let valley = logs.iter().filter(|x| (fast + third..slow - third).contains(*x)).count();
    (slow - fast > 1.5_f64.ln() && valley * 20 < n).then(|| (fast.exp(), slow.exp()))
}

#[cfg(test)]
mod tests {
    use super::super::sorted;
    use super::super::tests::noise;
    use super::*;

    #[test]
    fn two_groups_are_distinguished_from_one() {
        let pipes: Vec<f64> = noise(300)
            .iter()
            .enumerate()
            .map(|(i, x)| if i % 3 == 0 { 43.0 } else { 5.0 } + x / 10.0)
            .collect();
        let (fast, slow) = two_modes(&sorted(&pipes)).expect("two modes");
        assert!((4.9..5.2).contains(&fast) && (42.9..43.2).contains(&slow), "{fast} {slow}");
        let single: Vec<f64> = noise(300).iter().map(|x| 100.0 + x).collect();
        assert_eq!(two_modes(&sorted(&single)), None);
        let even: Vec<f64> = noise(1000).iter().map(|x| 10_f64.powf(9.0 * x)).collect();
        assert_eq!(two_modes(&sorted(&even)), None, "spread evenly over nine decades");
        assert_eq!(two_modes(&[1.0; 100]), None);
        assert_eq!(two_modes(&[]), None);
        let mut outlier = single;
        outlier.push(1e9);
        assert_eq!(two_modes(&sorted(&outlier)), None);
    }
}
