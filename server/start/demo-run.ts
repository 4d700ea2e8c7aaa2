/**
 * The demonstration: a small network trained against attacks for a moment, so that RiFT has something to regain.
 * The least critical module of this network is its first convolution of 320 numbers, too few to show a gain; hence the two least critical.
 */
const attack = { epsilon: 0.2, stepSize: 0.05, steps: 5 };

export const demoProject = {
  name: 'demo',
  description: 'A RiFT run on MNIST that RiftLab makes when its database is empty.',
};

export const demoRun = {
  project: demoProject.name,
  name: 'rift-mnist-demo',
  seed: 0,
  model: {
    training: {
      architecture: 'SMALL_CNN',
      variant: 'PGD_AT',
      dataset: 'mnist',
      trainImages: 3000,
      epochs: 4,
      batchSize: 64,
      learningRate: 0.02,
      milestones: [3],
      attack,
    },
  },
  criticality: { images: 500 },
  fineTune: { select: 'TOP_K', k: 2, epochs: 10, learningRate: 0.02, batchSize: 64 },
  interpolation: { alphas: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1], tolerance: 0.02 },
  evaluation: { images: 1000, attack },
  tags: [{ key: 'purpose', value: 'demonstration' }],
};
