/** The demonstration: a small network trained against weak attacks for a moment, so that RiFT has something to regain. */
const attack = { epsilon: 0.15, stepSize: 0.04, steps: 5 };

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
      trainImages: 2000,
      epochs: 4,
      batchSize: 64,
      learningRate: 0.02,
      milestones: [3],
      attack,
    },
  },
  criticality: { images: 500 },
  fineTune: { epochs: 6, learningRate: 0.02, batchSize: 64 },
  interpolation: { alphas: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1], tolerance: 0.01 },
  evaluation: { images: 1000, attack },
  tags: [{ key: 'purpose', value: 'demonstration' }],
};
